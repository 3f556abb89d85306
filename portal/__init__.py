"""The unified feed, read from the portal's own projection of complaint events."""
