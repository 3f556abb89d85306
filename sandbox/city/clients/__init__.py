"""Clients that speak the real protocols of the providers and agencies, and try again as those would."""
