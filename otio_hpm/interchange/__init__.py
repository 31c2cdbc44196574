"""The formats of editing systems: each read into OTIO, and written from it."""
