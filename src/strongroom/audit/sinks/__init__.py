"""Copies of the trail for the systems that collect logs: syslog and OpenTelemetry."""
