"""The .otio of each editing system: what it looks for in our tracks, clips and markers.

OpenTimelineIO leaves to metadata what hosts need to open a clip in sync and online: which channels
of a file are heard, what is linked, fades, levels, and how a path is spelled. `writer.write_otio`
says this of what is ours, in the words of one host; the editor's own objects stay as they were.
`reading.from_dialect` takes it back, so that the rest of the package sees one plain form only.
"""
