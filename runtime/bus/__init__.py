"""The log between the services: one `Bus` protocol, an embedded log for one machine, Apache Kafka for many."""
