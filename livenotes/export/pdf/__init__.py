"""Prints the built site as one PDF per language."""
