"""What a file is and what it tells beside what it shows: by its content alone, without ever opening or running it."""
