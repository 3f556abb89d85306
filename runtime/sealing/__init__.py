"""Encryption of what may identify a person, and blind indexes to match it without reading it."""
