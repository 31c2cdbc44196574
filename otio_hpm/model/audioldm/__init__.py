"""AudioLDM (Liu et al. 2023), the model that the paper begins with, made into HPM model folders."""
