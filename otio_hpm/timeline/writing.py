"""Writing: the timeline as it was, with our takes on tracks of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from otio_hpm import __version__
from otio_hpm.interchange.documents import document_of
from otio_hpm.interchange.formats import EDL, OTIO_BUNDLE, format_written
from otio_hpm.settings import DeliverySettings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import rational
from otio_hpm.timeline.linking import link_missing
from otio_hpm.timeline.marked_files import left_behind
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.outputs import (
    WrittenFile,
    check_outputs,
    content,
    otio_among,
    outputs_of,
    write,
)
from otio_hpm.timeline.placing import Placement, place_takes
from otio_hpm.timeline.score_tracks import standing_clips
from otio_hpm.timeline.stated_media import state_media
from otio_hpm.timeline.takes import KEY, Take, facts_of, relative
from otio_hpm.timeline.told import listed, number
from otio_hpm.timeline.tree import is_score_track, locate

__all__ = ["ExistingCue", "Take", "WriteReport", "existing_cues", "rehearse", "write_scored"]


@dataclass(frozen=True, kw_only=True)
class ExistingCue:
    """A clip of ours that a timeline has from an earlier run."""

    number: str
    take: int
    fingerprint: str
    """Of the take it plays."""
    takes: tuple[str, ...]
    """File names of all its takes, oldest first."""
    track: str
    start_frames: int
    """Where it stands now, in record frames."""
    end_frames: int
    touched: tuple[str, ...]
    """What an editor did to it since, in words; empty if nothing."""


@dataclass(frozen=True, kw_only=True)
class WriteReport:
    """What writing did, cue by cue."""

    path: Path
    """The .otio."""
    written: tuple[WrittenFile, ...]
    """All files, in the order in which they were asked for."""
    added: tuple[str, ...]
    """Numbers of cues that had no clip yet."""
    replaced: tuple[str, ...]
    """Numbers of cues whose stale clip gave way to a new take."""
    unchanged: tuple[str, ...]
    """Numbers of cues whose clip was right already."""
    kept: tuple[str, ...]
    """Numbers of cues with a clip that an editor changed; a new take is on another track."""
    new_tracks: tuple[str, ...]
    changes: tuple[str, ...]
    """All this in words, a sentence each."""


def existing_cues(cut: Cut) -> tuple[ExistingCue, ...]:
    """Our clips on a timeline, by track and record time; a cue may have several."""
    return tuple(
        ExistingCue(
            number=placed.number,
            take=int(number(facts_of(placed.clip), "take")),
            fingerprint=placed.fingerprint,
            takes=tuple(listed(facts_of(placed.clip), "takes")),
            track=placed.track.name,
            start_frames=placed.start_frames,
            end_frames=placed.end_frames,
            touched=placed.touches(),
        )
        for placed in standing_clips(cut.timeline, cut)
    )


def write_scored(
    cut: Cut,
    takes: Sequence[Take],
    outputs: Path | Sequence[Path],
    *,
    music_only: bool,
    overwrite: bool,
    settings: DeliverySettings | None = None,
    finder: MediaFinder | None = None,
    marked: Mapping[str, Path] = MappingProxyType({}),
) -> WriteReport:
    """Write the timeline of `cut` with these takes on our tracks; `cut` stays as it is.

    `outputs` are as `outputs_of` gives them, and the .otio among them is written first. Clips of
    cues that are not among the takes stay, and so do clips that an editor changed. `music_only`
    leaves out all tracks but ours. `finder` knows the media, for formats that have to tell where
    they are and how long, and for bundles, which also take in the files of `marked`, by the names
    that marks give them. The same input gives the same bytes. Raises OutputError as `check_outputs`
    does, and for a folder that cannot be written.
    """
    settings, outputs = settings or DeliverySettings(), outputs_of(outputs)
    check_outputs(cut.path, outputs, overwrite=overwrite)
    otio = otio_among(outputs)
    timeline = _music_only(cut) if music_only else cut.timeline.deepcopy()
    takes = sorted(takes, key=lambda take: (take.cue.lane, take.cue.start_frames))
    placements, new_tracks = place_takes(timeline, cut, takes, otio)
    if not music_only:
        _link_marks(timeline, takes)
    _describe(timeline, cut, takes, otio)
    written = {otio: write(timeline, cut, otio, settings, overwrite=overwrite)}
    others = [path for path in outputs if path != otio]
    online = timeline
    if others and finder is not None:
        state_media(timeline, cut.rate, finder)
        online = timeline.deepcopy()
        link_missing(online, finder)
    for path in others:
        # A list names reels, and no files: it stays with those that the cut has.
        shown = timeline if format_written(path) is EDL else online
        written[path] = write(
            shown, cut, path, settings, overwrite=overwrite, finder=finder, marked=marked
        )
    report = _report(tuple(written[path] for path in outputs), otio, placements, new_tracks)
    plain = [] if music_only else [p for p in outputs if format_written(p) is not OTIO_BUNDLE]
    return replace(report, changes=(*report.changes, *left_behind(cut, marked, plain)))


def rehearse(
    cut: Cut, outputs: Sequence[Path], settings: DeliverySettings, *, music_only: bool
) -> None:
    """Write the timeline as it is to nowhere; raises whatever its writers would.

    Bundles are left out: what they hold is media.
    """
    timeline = _music_only(cut) if music_only else cut.timeline
    for path in outputs:
        if format_written(path) is not OTIO_BUNDLE:
            content(timeline, cut, document_of(path), settings)


def _music_only(cut: Cut) -> Any:
    """A copy with nothing but our tracks; its marks are gone with the rest."""
    timeline = cut.timeline.deepcopy()
    timeline.name = f"{timeline.name} - HPM Score"
    timeline.tracks[:] = [track.deepcopy() for track in timeline.tracks if is_score_track(track)]
    for attached in (timeline.tracks.markers, timeline.tracks.effects):
        attached.clear()
    timeline.global_start_time = rational(cut.start_frames, cut.rate)
    return timeline


def _link_marks(timeline: Any, takes: Sequence[Take]) -> None:
    """Tell each mark which clip it has become; what else its metadata say stays."""
    for take in takes:
        for mark in take.cue.marks:
            marker = locate(timeline, mark.locator)
            ours = marker.metadata.get(KEY)
            facts = {"settings": ours} if isinstance(ours, str) else facts_of(marker)
            marker.metadata[KEY] = {**facts, "clip": take.wav.name, "cue": take.cue.number}


def _describe(timeline: Any, cut: Cut, takes: Sequence[Take], output: Path) -> None:
    facts: dict[str, Any] = {**facts_of(timeline), "version": __version__}
    if takes:
        facts["audio_folder"] = relative(takes[0].wav.parent, output)
    timeline.metadata[KEY] = facts
    if timeline.global_start_time is None and cut.start_frames:
        timeline.global_start_time = rational(cut.start_frames, cut.rate)


def _report(
    written: tuple[WrittenFile, ...],
    otio: Path,
    placements: list[Placement],
    new_tracks: list[str],
) -> WriteReport:
    groups: dict[str, list[str]] = {"added": [], "replaced": [], "unchanged": [], "kept": []}
    for placement in placements:
        groups[placement.outcome].append(placement.take.cue.number)
    return WriteReport(
        path=otio,
        written=written,
        new_tracks=tuple(new_tracks),
        changes=(
            *(placement.sentence() for placement in placements),
            *dict.fromkeys(words for file in written for words in file.media),
        ),
        **{name: tuple(numbers) for name, numbers in groups.items()},
    )
