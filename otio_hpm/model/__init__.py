"""HPM: the latent diffusion model. Knows nothing of timelines."""
