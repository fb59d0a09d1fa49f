"""What the chapter on matrices and space claims, against closed forms and NumPy."""
