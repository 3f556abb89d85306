"""SIMULATIONS of other hubs than the national one: its interface of former years, and GeoReport v2 (Open311).

They keep what they are sent in memory, misbehave as `sandbox.hub` does, and follow public descriptions only; where
those are silent (errors, the element around an answer) it is our assumption.
"""
