"""From complaints to the national hub, and its statuses back."""
