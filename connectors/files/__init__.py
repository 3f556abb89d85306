"""Messages in files: CSV and NDJSON, handed over once or dropped into a folder."""
