"""Everything that can be wrong with a project, as Problems."""
