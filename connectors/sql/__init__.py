"""Complaints that stand in a table of an agency's own database: read by polling, never written."""
