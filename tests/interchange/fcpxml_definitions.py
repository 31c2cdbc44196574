"""What the document types that Apple publishes say of elements: children, attributes, values."""

from __future__ import annotations

_TIMING = "conform-rate?, timeMap?"
_VIDEO = (
    "object-tracker?, adjust-crop?, adjust-corners?, adjust-conform?, adjust-transform?, "
    "adjust-blend?, adjust-stabilization?, adjust-rollingShutter?, adjust-360-transform?, "
    "adjust-reorient?, adjust-orientation?, adjust-cinematic?, adjust-colorConform?, "
    "adjust-stereo-3D?"
)
_SOUND = "adjust-volume?, adjust-panner?"
_ANCHOR = (
    "(audio|video|clip|title|caption|mc-clip|ref-clip|sync-clip|asset-clip|audition|spine"
    "|live-drawing)*"
)
_MARK = "(marker|chapter-marker|rating|keyword|analysis-marker|hidden-clip-marker)*"
_FILTER = "(filter-video|filter-video-mask)*"
_STORY = "(audio|video|clip|title|mc-clip|ref-clip|sync-clip|asset-clip|audition|gap|transition)*"
_CLIP = f"{_TIMING}, {_VIDEO}, {_SOUND}, {_ANCHOR}, {_MARK}"

_ENHANCED = (
    "adjust-loudness?, adjust-noiseReduction?, adjust-humReduction?, (adjust-EQ|adjust-matchEQ)?"
)

CONTENT = {
    "fcpxml": "import-options?, resources?, library",
    "library": "(event|smart-collection)*",
    "event": "(clip|audition|mc-clip|ref-clip|sync-clip|asset-clip|project)*",
    "project": "sequence",
    "resources": "(asset|effect|format|media|locator)*",
    "media": "(multicam|sequence)?",
    "format": "",
    "effect": "",
    "asset": "media-rep+, metadata?",
    "media-rep": "bookmark?",
    "sequence": "note?, spine, metadata?",
    "spine": _STORY,
    "asset-clip": f"note?, {_CLIP}, audio-channel-source*, {_FILTER}, filter-audio*, metadata?",
    "ref-clip": f"note?, {_CLIP}, audio-role-source*, {_FILTER}, filter-audio*, metadata?",
    "video": f"param*, note?, {_TIMING}, {_VIDEO}, {_ANCHOR}, {_MARK}, {_FILTER}, reserved?",
    "title": (
        f"param*, text*, text-style-def*, note?, {_VIDEO}, {_ANCHOR}, {_MARK}, {_FILTER}, metadata?"
    ),
    "gap": f"note?, {_ANCHOR}, {_MARK}, metadata?",
    "transition": f"filter-video?, filter-audio?, {_MARK}, metadata?, reserved?",
    "timeMap": "timept*",
    "timept": "",
    "conform-rate": "",
    "marker": "",
    "chapter-marker": "",
    "keyword": "",
    "rating": "",
    "adjust-volume": "param*",
    "param": "fadeIn?, fadeOut?, keyframeAnimation?, param*",
    "fadeIn": "",
    "fadeOut": "",
    "text-style-def": "text-style",
    "filter-video": "data*, param*",
    "filter-audio": "data?, param*",
    "caption": "text*, text-style-def*, note?",
    "audio-channel-source": f"{_ENHANCED}, {_SOUND}, filter-audio*, mute*",
    "audio-role-source": f"{_ENHANCED}, {_SOUND}, filter-audio*, mute*",
    "sync-source": "audio-role-source*",
    "mute": "fadeIn?, fadeOut?",
    "adjust-crop": "crop-rect?, trim-rect?, pan-rect*",
    "adjust-conform": "",
    "adjust-corners": "param*",
    "adjust-transform": "param*",
    "adjust-blend": "param*, reserved?",
    "adjust-panner": "param*",
    "object-tracker": "tracking-shape+",
    "filter-video-mask": "(mask-shape|mask-isolation)+, filter-video+",
    "keyframeAnimation": "keyframe*",
    "keyframe": "",
    "text": "text-style*",
    "text-style": "param*",
    "locator": "bookmark?",
    "metadata": "md*",
    "md": "array?",
    "array": "string*",
    "analysis-marker": "(shot-type|stabilization-type)+",
}
"""Children and their order, in the notation of document types."""

_PLACED = {"lane", "offset", "name", "start", "duration", "enabled"}
_CLIPPED = {"ref", "srcEnable", "audioStart", "audioDuration", "modDate"}
ATTRIBUTES: dict[str, tuple[set[str], set[str]]] = {
    "fcpxml": ({"version"}, set()),
    "format": (
        {"id"},
        {"name", "frameDuration", "fieldOrder", "width", "height", "paspH", "paspV", "colorSpace",
         "projection", "stereoscopic", "heroEye"},
    ),
    "effect": ({"id", "uid"}, {"name", "src"}),
    "media": ({"id"}, {"name", "uid", "projectRef", "modDate"}),
    "asset": (
        {"id"},
        {"name", "uid", "start", "duration", "hasVideo", "format", "hasAudio", "videoSources",
         "audioSources", "audioChannels", "audioRate", "customLUTOverride", "colorSpaceOverride",
         "projectionOverride", "stereoscopicOverride", "auxVideoFlags", "heroEyeOverride"},
    ),
    "media-rep": ({"src"}, {"kind", "sig", "suggestedFilename"}),
    "event": (set(), {"name", "uid"}),
    "project": (set(), {"name", "uid", "id", "modDate"}),
    "sequence": (
        {"format"},
        {"duration", "tcStart", "tcFormat", "audioLayout", "audioRate", "renderFormat", "keywords"},
    ),
    "spine": (set(), {"lane", "offset", "name", "format"}),
    "asset-clip": (
        {"ref"},
        _PLACED | _CLIPPED | {"format", "tcStart", "tcFormat", "audioRole", "videoRole"},
    ),
    "ref-clip": ({"ref", "duration"}, _PLACED | _CLIPPED | {"useAudioSubroles"}),
    "video": ({"ref", "duration"}, _PLACED | {"srcID", "role"}),
    "title": ({"ref", "duration"}, _PLACED | {"role"}),
    "gap": ({"duration"}, {"name", "offset", "start", "enabled"}),
    "transition": ({"duration"}, {"name", "offset"}),
    "timeMap": (set(), {"frameSampling", "preservesPitch"}),
    "timept": ({"time", "value"}, {"interp", "inTime", "outTime"}),
    "conform-rate": (set(), {"scaleEnabled", "srcFrameRate", "frameSampling"}),
    "marker": ({"start", "value"}, {"duration", "completed", "note"}),
    "chapter-marker": ({"start", "value"}, {"duration", "note", "posterOffset"}),
    "keyword": ({"value"}, {"start", "duration", "note"}),
    "rating": ({"value"}, {"name", "start", "duration", "note"}),
    "adjust-volume": (set(), {"amount"}),
    "fadeIn": ({"duration"}, {"type"}),
    "fadeOut": ({"duration"}, {"type"}),
    "filter-video": ({"ref"}, {"name", "enabled", "nameOverride"}),
    "filter-audio": ({"ref"}, {"name", "enabled", "presetID", "nameOverride"}),
    "audio-role-source": ({"role"}, {"start", "duration", "enabled", "active"}),
    "sync-source": ({"sourceID"}, set()),
    "caption": ({"duration"}, _PLACED | {"role"}),
    "mute": (set(), {"start", "duration"}),
    "adjust-crop": ({"mode"}, {"enabled"}),
    "adjust-conform": (set(), {"type"}),
    "adjust-loudness": ({"amount", "uniformity"}, set()),
    "adjust-noiseReduction": ({"amount"}, set()),
    "adjust-humReduction": ({"frequency"}, set()),
    "adjust-EQ": ({"mode"}, set()),
    "param": ({"name"}, {"key", "value", "enabled", "auxValue"}),
    "data": (set(), {"key"}),
    "keyframe": ({"time", "value"}, {"interp", "curve", "auxValue"}),
    "text-style-def": ({"id"}, {"name"}),
    "locator": ({"id", "url"}, set()),
    "md": (
        {"key"}, {"value", "editable", "type", "displayName", "description", "source"},
    ),
    "audio-channel-source": (
        {"srcCh"}, {"outCh", "role", "start", "duration", "enabled", "active"},
    ),
}  # fmt: skip
"""Required attributes, and those beside them."""

VALUES = {
    "enabled": {"0", "1"},
    "tcFormat": {"DF", "NDF"},
    "audioLayout": {"mono", "stereo", "surround"},
    "srcEnable": {"all", "audio", "video"},
    "active": {"0", "1"},
    "interp@timept": {"smooth2", "linear", "smooth"},
    "interp@keyframe": {"linear", "ease", "easeIn", "easeOut"},
    "curve": {"linear", "smooth"},
    "frameSampling": {
        "floor", "nearest-neighbor", "frame-blending", "optical-flow-classic", "optical-flow",
    },
    "preservesPitch": {"0", "1"},
    "useAudioSubroles": {"0", "1"},
    "value@rating": {"favorite", "reject"},
    "type@fadeIn": {"linear", "easeIn", "easeOut", "easeInOut"},
    "type@fadeOut": {"linear", "easeIn", "easeOut", "easeInOut"},
    "type@adjust-conform": {"fit", "fill", "none"},
    "mode@adjust-crop": {"trim", "crop", "pan"},
    "sourceID": {"storyline", "connected"},
    "editable": {"0", "1"},
    "scaleEnabled": {"0", "1"},
    "srcFrameRate": {
        "23.98", "24", "25", "29.97", "30", "60", "47.95", "48", "50", "59.94",
    },
    "kind": {"original-media", "proxy-media"},
}  # fmt: skip
