"""From gathered messages to published complaints: composing, understanding, duplicates, revisions."""
