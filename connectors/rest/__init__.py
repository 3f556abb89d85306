"""Complaints that an agency's own system lists by an HTTP API: asked for at intervals, in JSON or XML."""
