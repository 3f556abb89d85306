"""What an operator sees of a service: health, metrics, logs."""
