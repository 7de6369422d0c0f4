"""What every other folder may lean on: actors, refusals, names, the clock, secrets, configuration. No Django."""
