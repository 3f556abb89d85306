"""What `make` runs to keep the project in order. Nothing here is installed with Muara."""
