"""Our music on a timeline that has been through another format or editing system.

These keep names, files and positions, but not what our metadata said. The sidecars beside the audio
files say it again: clips of ours get it back, and the tracks that hold them are score tracks again,
so that scoring them goes on where it was.
"""

from __future__ import annotations

import os
from fractions import Fraction
from functools import cache
from pathlib import Path, PureWindowsPath
from typing import Any
from urllib.parse import unquote

from opentimelineio import opentime, schema

from otio_hpm.errors import MediaError
from otio_hpm.files import sha256_of
from otio_hpm.interchange.dialects.reading import from_dialect
from otio_hpm.interchange.formats import EDL, OTIO, OTIO_BUNDLE, Format
from otio_hpm.settings import MediaSettings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import moment, rational, seconds
from otio_hpm.timeline.fades import restore_fade
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.recognised_tracks import merge_exploded, name_tracks
from otio_hpm.timeline.restored_fades import undissolve
from otio_hpm.timeline.take_files import TakeFile, read_take, take_number, takes_in_folders
from otio_hpm.timeline.takes import KEY, facts_of, file_name, is_score_clip
from otio_hpm.timeline.wave_tape import ORIGINATOR, wave_originator


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
    merge_exploded(cut.timeline)
    name_tracks(cut.timeline)
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
        self._folders = (cut.folder, *settings.media_dirs)
        self._copied = cache(self._copied_take)  # many clips play one file, which is then read once
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
        return (read_take(found) or self._copied(found)) if found else self._named(names[0])

    def _copied_take(self, wav: Path) -> TakeFile | None:
        """The take of which a host made a copy for itself, without the sidecar."""
        takes = list(takes_in_folders(wav.name, *self._folders))
        digest = _sha256(wav) if takes else ""
        if take := next((take for take in takes if take.sha256 == digest), None):
            return take
        if _is_made_here(wav):
            self.warnings.append(
                f"{wav} is music of ours, but no sidecar is beside it or in a folder that is "
                "searched (--media-dir), and so it is taken for the editor's own"
            )
        return None

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


def _sha256(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError:
        return ""


def _is_made_here(wav: Path) -> bool:
    try:
        return wave_originator(wav) == ORIGINATOR
    except OSError:
        return False


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


def _is_audio(track: Any) -> bool:
    return isinstance(track, schema.Track) and track.kind == schema.TrackKind.Audio
