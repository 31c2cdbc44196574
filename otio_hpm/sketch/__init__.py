"""The sketch of one cue before orchestration: a melody and its dynamics, as composers write it."""
