"""Measures of music to picture, and the evidence that they give for a model."""
