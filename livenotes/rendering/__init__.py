"""Values to HTML: cells, figures, formulas."""
