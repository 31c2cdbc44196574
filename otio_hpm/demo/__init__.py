"""A short film of the project's own, to try everything on."""
