"""Attachments and large payloads: sealed, content-addressed, behind one small port."""
