"""A simulated national hub and a simulated city: for the demo, for staging, for tests and for measurements.

Nothing here belongs to the pipeline. What lives here speaks to it over sockets and files only, as the world does.
"""
