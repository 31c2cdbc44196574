"""The paper's figures 2 to 4, for the systems and clips that are compared."""
