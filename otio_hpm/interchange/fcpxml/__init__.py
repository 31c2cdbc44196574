"""FCPXML, the format of Final Cut Pro, which Resolve writes too: 1.8 and later, and by it older.

What OTIO has no place for is kept in `metadata["fcpxml"]`, so that it can be written back. Times in
it are the file's own text ("1001/24000s"), XML is text without namespaces, and every value is plain
JSON:

on the timeline
    `version`; `sequence`, `project`, `event`, `library`: the attributes of these elements;
    `format`: those of the sequence's format; `note`; `children`: other elements in the sequence
on an item (clip, gap or stack); those after `origin` only on the first of several linked items
    `element`: asset-clip, clip, video, audio, title, gap, ref-clip, sync-clip, mc-clip ...
    `lane`: where it is connected; absent on the primary storyline
    `reel`: that of the element's own metadata
    `storyline`: on an item of a connected storyline, the same number on all of its items
    `link`: the same text on picture and sound that are one element of the file; copies of a
    compound clip have the same links inside
    `component`: on a clip of sound, the attributes of its audio or audio-channel-source element
    `source`: on a clip of picture that was a video element inside a clip, its attributes
    `origin`: on a stack, the time of its own clock that is its first frame here; `media`: the name
        of the compound or multicam clip that it shows
    `attributes`: all but name, ref, offset, start, duration, lane and enabled
    `note`; `keywords`: the attributes of each keyword, in order
    `children`: elements not expressed in OTIO (filters, adjustments, captions, text, metadata)
    `resources`: effects and formats that attributes and children refer to, by id, as XML
    `timeMap`: a retime that is not constant (or is on a stack), as XML; `own`: the clip's own time
        at its in
    `audition`: the other choices of an audition, as XML; `angles`: the attributes of each mc-source
on a media reference
    `asset`, `format`, `media_rep`, `effect`: the attributes of these elements; `metadata`: the
        asset's, as XML; `reel`: that of these
on a track
    `lane`: of picture, the lane all of its items are on, 0 for the primary storyline
    `role`: of sound
on a marker
    `element`: marker or chapter-marker; `attributes`: all but start, duration, value and note
on a transition
    `attributes`: all but name, offset and duration; `children` and `resources` as above;
    `element`: fadeIn or fadeOut of one that is a fade in the volume of a sound

A `conform-rate` among the children says that the media are played in step with the timeline. Where
their rates count alike (24 and 24000/1001), the clip's source range, its markers and its media's
available range are frame numbers at the timeline's rate; else it has a LinearTimeWarp for that.
"""
