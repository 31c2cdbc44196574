"""OpenTimelineIO plugin of otio-hpm: its manifest, and room for adapters, linker and hooks."""
