"""Python-Markdown extensions."""
