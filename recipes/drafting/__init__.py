"""Drafts a channel recipe from a sample: which of the sender's fields is which of ours, guessed and marked as such."""
