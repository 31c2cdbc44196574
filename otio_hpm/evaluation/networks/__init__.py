"""Networks that others published for judging sound, on weights that the user names."""
