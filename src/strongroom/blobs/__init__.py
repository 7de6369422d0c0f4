"""Content-addressed files: bytes that are durable before anything refers to them. Knows no rows and no HTTP."""
