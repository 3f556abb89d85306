"""From raw messages to complaints: mapping, gathering, understanding, duplicates. The one writer of complaints."""
