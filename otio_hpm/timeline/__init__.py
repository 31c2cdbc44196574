"""Timelines: reading, spotting, the picture under a cue, writing. Knows nothing of torch."""
