"""The job: cues to windows to files."""
