"""What a page becomes beside HTML: notebook, Markdown, PDF."""
