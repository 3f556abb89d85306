"""Sending things once, in order, through whatever passes: leases, retries, circuits, doubts. For hubs and replies.

Nothing here knows what is sent. A delivery concerns a subject (a complaint), and goes to a destination (a hub).
"""
