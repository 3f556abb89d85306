"""Labelled pairs of complaints, made up: what a judge of duplicates is tuned on, and what it is measured on.

Two sets with words of their own (`tuning/`, `held_back/`): templates, places, names and troubles of one never occur in
the other. Whoever tunes a judge looks at the first only.
"""
