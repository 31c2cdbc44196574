"""One file per verb; a verb calls one API function and prints its result."""
