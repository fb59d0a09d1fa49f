"""Matrices as motions of space: rank, inverse, eigenvalues, singular values, condition."""

# %% setup
import matplotlib.pyplot as plt
import torch
