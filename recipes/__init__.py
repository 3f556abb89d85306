"""Channels as data: models of recipes, their loader, compiler and examples runner."""
