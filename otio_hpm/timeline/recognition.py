"""Our music on a timeline that has been through another format or editing system.

These keep names, files and positions, but not what our metadata said. The sidecars beside the audio
files say it again: clips of ours get it back, and the tracks that hold them are score tracks again,
so that scoring them goes on where it was.
"""

from __future__ import annotations

import os
import re
from fractions import Fraction
from pathlib import Path, PureWindowsPath
from typing import Any
from urllib.parse import unquote

from opentimelineio import opentime, schema

from otio_hpm.errors import MediaError
from otio_hpm.interchange.dialects.reading import from_dialect
from otio_hpm.interchange.formats import EDL, OTIO, OTIO_BUNDLE, Format
from otio_hpm.settings import MediaSettings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import moment, rational, seconds
from otio_hpm.timeline.fades import restore_fade
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.restored_fades import undissolve
from otio_hpm.timeline.score_tracks import TRACK_NAME
from otio_hpm.timeline.take_files import TakeFile, read_take, take_number, takes_in_folders
from otio_hpm.timeline.takes import KEY, facts_of, file_name, is_score_clip
from otio_hpm.timeline.tree import is_score_track

_OUR_NAME = re.compile(rf"{TRACK_NAME}(?: (\d+))?", re.I)
_HOSTS_NAME = re.compile(r"(?:(?:A|Audio|Track|Audio Track)?[ _]?\d*|music\.HPM(?: \d+)?)", re.I)
"""Names that hosts give tracks by themselves, and those of our role in FCPXML."""


def recognise(cut: Cut, settings: MediaSettings, form: Format) -> tuple[str, ...]:
    """Give our clips on the timeline just read their metadata back; what could not be, in words.

    `form` is the format it was read from: where that has no fades, those that were written are
    there still; where it is one host's .otio, what is ours gets its plain form again.
    """
    recogniser = _Recogniser(cut, settings)
    tracks = [track for track in cut.timeline.tracks if _is_audio(track)]
    found = [(track, clip) for track in tracks for clip in recogniser.recognise(track)]
    for track in tracks:
        if form is EDL:
            undissolve(track, cut.rate)
    _merge_exploded(cut.timeline)
    _name_tracks(cut.timeline)
    if form in (OTIO, OTIO_BUNDLE):
        from_dialect(cut.timeline, cut.folder, cut.rate)
    lost = not form.carries_fades or cut.dialect == "kdenlive"
    for track, clip in found:
        for side in (0, 1):
            restore_fade(track, clip, side, cut.rate, lost=lost)
    return tuple(dict.fromkeys(recogniser.warnings))


class _Recogniser:
    """Finds the takes that clips play."""

    def __init__(self, cut: Cut, settings: MediaSettings) -> None:
        self._cut = cut
        self._finder = MediaFinder(cut.folder, settings)
        self.warnings: list[str] = []

    def recognise(self, track: Any) -> list[Any]:
        """The clips of a track that are ours and had lost their metadata, which they have again.

        The others of ours are led to their files, where these have moved with the timeline.
        """
        for clip in filter(is_score_clip, track):
            for reference in clip.media_references().values():
                self._follow(reference)
        found = [
            (clip, take)
            for clip in track
            if isinstance(clip, schema.Clip) and not is_score_clip(clip)
            if (take := self._take_of(clip))
        ]
        for clip, take in found:
            _restore(clip, take, self._cut)
        return [clip for clip, _ in found]

    def _take_of(self, clip: Any) -> TakeFile | None:
        """The take that a clip plays."""
        names = [name for name in (file_name(clip), clip.name) if take_number(name or "")]
        if not names:
            return None
        found = self._found(clip.media_reference)
        return read_take(found) if found else self._named(names[0])

    def _follow(self, reference: Any) -> None:
        """Lead a reference to the same take near the timeline, if it leads to no file."""
        known = facts_of(reference).get("sha256")
        url = getattr(reference, "target_url", None)
        if not (known and url) or self._found(reference):
            return
        take = self._named(PureWindowsPath(unquote(url)).name)
        if take is not None and take.sha256 == known:
            reference.target_url = Path(os.path.abspath(take.wav)).as_uri()

    def _found(self, reference: Any) -> Path | None:
        """The one file that a reference leads to."""
        try:
            found = self._finder.find(reference)
        except MediaError:
            return None
        return found if isinstance(found, Path) else None

    def _named(self, name: str) -> TakeFile | None:
        """The take of that name near the timeline, in its own audio folder before all others."""
        takes = list(takes_in_folders(name, self._cut.folder))
        own = [take for take in takes if take.wav.parent.name == f"{self._cut.path.stem}_audio"]
        choice = own or takes
        if len({take.sha256 for take in choice}) > 1:
            self.warnings.append(
                f"{name} may be any of {', '.join(str(take.wav) for take in choice)}, and so is "
                "left as it is"
            )
            return None
        return choice[0] if choice else None


def _restore(clip: Any, take: TakeFile, cut: Cut) -> None:
    """Give a clip what our metadata said of it, and its source time as record timecode."""
    rate = cut.rate
    media = opentime.TimeRange(
        rational(take.frame(take.media_start_s, rate), rate),
        rational(take.frame(take.media_length_s, rate), rate),
    )
    if clip.source_range is not None:
        clip.source_range = _on_record_clock(clip, media, rate)
    if clip.name and clip.name.casefold() in (take.wav.stem.casefold(), take.wav.name.casefold()):
        clip.name = take.wav.name
    reference = schema.ExternalReference(
        target_url=Path(os.path.abspath(take.wav)).as_uri(),
        available_range=media,
        metadata={KEY: {"take": take.take, "sha256": take.sha256}},
    )
    key = f"take_{take.take:02d}"
    clip.set_media_references({key: reference}, key)
    clip.metadata[KEY] = _facts(take, cut)


def _on_record_clock(clip: Any, media: Any, rate: Fraction) -> Any:
    """A clip's source range, counted in record timecode as its file does.

    Where its format does not know the file's timecode, it counts from the file's first sample.
    """
    shown = clip.source_range
    known = getattr(clip.media_reference, "available_range", None)
    first = seconds(known.start_time) if known else None
    if first is None:
        inside = media.start_time <= shown.start_time < media.end_time_exclusive()
        first = seconds(media.start_time) if inside else Fraction(0)
    start_s = seconds(shown.start_time) - first + seconds(media.start_time)
    return opentime.TimeRange(moment(start_s, rate), shown.duration)


def _facts(take: TakeFile, cut: Cut) -> dict[str, Any]:
    """Our metadata of a clip, as `takes.clip_of` writes them."""
    start = take.frame(take.in_s, cut.rate)
    return {
        "cue": take.cue,
        "take": take.take,
        "fingerprint": take.fingerprint,
        "sidecar": take.wav.with_suffix(".json").as_posix(),
        "record_start_frames": start - cut.start_frames,
        "record_end_frames": start - cut.start_frames + take.frame(take.length_s, cut.rate),
        "source_start_frames": start,
        "fades": {
            "in_s": float(take.fade_in_s),
            "out_s": float(take.fade_out_s),
            "baked": take.baked,
        },
        "shots": list(take.shots),
        "marks": list(take.marks),
        "takes": take.takes,
        "restored": True,
    }


def _merge_exploded(timeline: Any) -> None:
    """Keep one of neighbouring tracks that hold the same clips of ours: the two of a stereo pair.

    Final Cut Pro 7 and those that write as it did have a track for each channel.
    """
    index = 1
    while index < len(timeline.tracks):
        left, right = timeline.tracks[index - 1], timeline.tracks[index]
        if _is_ours(left) and _is_ours(right) and _layout(left) == _layout(right):
            del timeline.tracks[index]
        else:
            index += 1


def _layout(track: Any) -> list[tuple[Any, ...]]:
    """What decides what a track of ours plays."""
    return [
        (item.name, file_name(item), item.trimmed_range(), item.enabled, len(item.markers))
        if isinstance(item, schema.Clip)
        else (type(item), item.duration())
        for item in track
    ]


def _name_tracks(timeline: Any) -> None:
    """Make score tracks of those that hold clips of ours and no others'."""
    lanes = {facts_of(track).get("lane") for track in timeline.tracks if is_score_track(track)}
    for track in timeline.tracks:
        if not is_score_track(track) and _is_ours(track):
            lane = _lane(track, lanes)
            lanes.add(lane)
            track.metadata[KEY] = {"role": "score", "lane": lane}
            if _HOSTS_NAME.fullmatch(track.name or ""):
                track.name = TRACK_NAME if lane == 0 else f"{TRACK_NAME} {lane + 1}"


def _lane(track: Any, taken: set[Any]) -> int:
    """The lane that a track's name tells, else the next that is free."""
    match = _OUR_NAME.fullmatch(track.name or "")
    named = max(int(match[1] or 1), 1) - 1 if match else 0
    return named if named not in taken else next(n for n in range(999) if n not in taken)


def _is_ours(track: Any) -> bool:
    """Whether a track holds clips of ours, and nothing else but gaps and transitions."""
    if not _is_audio(track):
        return False
    holds = [item for item in track if not isinstance(item, schema.Gap | schema.Transition)]
    return bool(holds) and all(is_score_clip(item) for item in holds)


def _is_audio(track: Any) -> bool:
    return isinstance(track, schema.Track) and track.kind == schema.TrackKind.Audio
