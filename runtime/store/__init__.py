"""The services' tables: engine, unit of work, migrations, and the few statements whose dialects differ."""
