"""The commands, one module each for those that belong together."""
