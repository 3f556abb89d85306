"""A real Apache Kafka and a real PostgreSQL on this machine, for tests and for people: no container, no root needed."""
