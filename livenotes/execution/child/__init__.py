"""What happens inside the forked process that runs one module."""
