"""Runs modules and keeps their outputs."""
