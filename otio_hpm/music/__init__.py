"""Sound: spectrogram, controls, stitching, loudness, files."""
