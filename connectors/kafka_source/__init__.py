"""A topic that an agency has on a Kafka of its own, read as a source; nothing is written there."""
