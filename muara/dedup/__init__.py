"""Duplicates as a person looks at them: measured on labelled pairs, explained, tuned by decisions."""
