"""What every service stands on: bus, store, sealing, objects, delivery, telemetry."""
