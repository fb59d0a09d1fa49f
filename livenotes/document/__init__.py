"""A page as a value: its HTML and its blocks, with source lines."""
