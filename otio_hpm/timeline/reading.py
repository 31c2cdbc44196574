"""Reading: a timeline file in any format that is read here, as one Cut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from otio_hpm.errors import TimelineError
from otio_hpm.interchange.exchange import Sequence
from otio_hpm.interchange.formats import BUNDLES, EDL, OTIO, OTIO_BUNDLE, Format, format_read
from otio_hpm.interchange.plain_text import text_of, text_of_list
from otio_hpm.settings import Settings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.dialects import dialect_of, stated_counting
from otio_hpm.timeline.edl import read_edl
from otio_hpm.timeline.exact import seconds
from otio_hpm.timeline.extent import duration_frames, length_s
from otio_hpm.timeline.otio_file import choose_timeline, read_otio
from otio_hpm.timeline.rates import find_rate, own_rate, wanted_rate
from otio_hpm.timeline.record_timecode import Counting, counts_drop_frame, start_frames
from otio_hpm.timing import format_rate


@dataclass(frozen=True, kw_only=True)
class _Read:
    """What a format's reader finds."""

    timeline: Any
    rate: tuple[Fraction, str]
    dialect: str
    counting: Counting | None
    schema_versions: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    unpacked: Path | None = None
    bundled: Path | None = None


def read_cut(path: Path, settings: Settings) -> Cut:
    """The timeline in a file, with its rate, start timecode and counting settled.

    Raises TimelineError for a file that cannot be read, and where the rate is not known.
    """
    from otio_hpm.timeline.recognition import recognise

    form = _format(path)
    read = _read(form, path, settings)
    rate, rate_source = read.rate
    start = start_frames(read.timeline, rate)
    counting = counts_drop_frame(start, rate, settings, read.counting)
    cut = Cut(
        timeline=read.timeline,
        path=path,
        rate=rate,
        rate_source=rate_source,
        start_frames=start,
        drop_frame=counting.drop_frame,
        drop_frame_source=counting.source,
        dialect=read.dialect,
        schema_versions=read.schema_versions,
        duration_frames=duration_frames(read.timeline, rate),
        unpacked=read.unpacked,
        bundled=read.bundled,
        warnings=(*read.warnings, *_assumed(counting)),
    )
    told = recognise(cut, settings.media, form)
    return replace(cut, warnings=(*cut.warnings, *told))


def _format(path: Path) -> Format:
    _check_there(path)
    return format_read(path)


def _read(form: Format, path: Path, settings: Settings) -> _Read:
    if form is OTIO_BUNDLE:
        return _read_bundle(path, settings)
    own = {OTIO: _read_otio, EDL: _read_edl}.get(form)
    return own(path, _text(path), settings) if own else _read_imported(form, path, settings)


def _check_there(path: Path) -> None:
    """Raise TimelineError unless there is a file, or a folder that is a bundle."""
    if path.is_dir():
        if path.suffix.lower() not in BUNDLES:
            raise TimelineError(f"{path} is a folder, not a timeline file")
        return
    if not path.exists():
        raise TimelineError(f"no timeline at {path}", hint="check the path")
    if not path.is_file():
        raise TimelineError(f"{path} is not a regular file")


def _read_imported(form: Format, path: Path, settings: Settings) -> _Read:
    """One sequence of a file; the rate that it states goes before all but the setting."""
    imported = form.read(path)
    sequence = _chosen(imported.sequences, path, settings.spotting.timeline)
    stated = sequence.rate
    rate = wanted_rate(settings) or stated or find_rate(sequence.timeline, path, settings)
    return _Read(
        timeline=sequence.timeline,
        rate=rate,
        dialect=imported.dialect,
        counting=_counting(sequence),
        warnings=(*imported.warnings, *_overruled(stated, rate[0])),
    )


def _chosen(sequences: tuple[Sequence, ...], path: Path, wanted: str | None) -> Sequence:
    timelines = [sequence.timeline for sequence in sequences]
    chosen = choose_timeline(timelines, path.name, wanted)
    return next(sequence for sequence in sequences if sequence.timeline is chosen)


def _counting(sequence: Sequence) -> Counting | None:
    if sequence.drop_frame is None:
        return None
    drop_frame, source = sequence.drop_frame
    return Counting(drop_frame=drop_frame, source=source)


def _text(path: Path) -> str:
    """The file's text."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TimelineError(f"{path} cannot be read: {error.strerror}") from error
    try:
        text = text_of_list(data) if path.suffix.lower() == ".edl" else text_of(data)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise TimelineError(f"{path.name} is binary data, not a timeline")
    if not text.strip():
        raise TimelineError(f"{path.name} is empty", hint="export the timeline again")
    return text


def _read_otio(path: Path, text: str, settings: Settings) -> _Read:
    timeline, versions = read_otio(text, path.name, settings.spotting.timeline)
    rate = find_rate(timeline, path, settings)
    return _Read(
        timeline=timeline,
        rate=rate,
        dialect=dialect_of(timeline),
        counting=stated_counting(timeline),
        schema_versions=versions,
        warnings=(*_overruled(own_rate(timeline), rate[0]), *_unseen(timeline)),
    )


def _read_bundle(path: Path, settings: Settings) -> _Read:
    """An .otiod, whose media get their places, or an .otioz, whose media are unpacked for now."""
    from otio_hpm.interchange.bundles import ZIP, content_of, ground, media_of

    content = content_of(path)
    read = replace(_read_otio(content, _text(content), settings), bundled=media_of(content))
    if path.suffix.lower() == ZIP:
        told = f"what names media inside {path.name} finds them only where that is unpacked"
        return replace(read, unpacked=content.parent, warnings=(*read.warnings, told))
    ground(read.timeline, path)
    return read


def _unseen(timeline: Any) -> Iterator[str]:
    """A sentence for each track whose range shows nothing of what is on it."""
    for child in timeline.tracks:
        own = child.source_range if hasattr(child, "kind") and len(child) else None
        if own is None:
            continue
        items = (one for one in child if not one.overlapping())
        start_s, whole_s = seconds(own.start_time), sum(map(length_s, items), Fraction(0))
        if start_s >= whole_s or start_s + seconds(own.duration) <= 0:
            yield f"track {child.name!r} shows nothing: its range is outside of what is on it"


def _assumed(counting: Counting) -> tuple[str, ...]:
    """What to say where nothing says how timecode counts."""
    return (f"non-drop-frame timecode is {counting.source}",) if counting.assumed else ()


def _overruled(own: tuple[Fraction, str] | None, rate: Fraction) -> tuple[str, ...]:
    """What to say where a rate was asked for that is not the timeline's own."""
    if own is None or own[0] == rate:
        return ()
    return (
        f"the timeline's own rate is {format_rate(own[0])} ({own[1]}); its times are converted to"
        f" {format_rate(rate)} by the clock, not frame by frame",
    )


def _read_edl(path: Path, text: str, settings: Settings) -> _Read:
    found = read_edl(text, path, settings)
    return _Read(
        timeline=choose_timeline([found.timeline], path.name, settings.spotting.timeline),
        rate=found.rate,
        dialect="edl",
        counting=found.counting,
        warnings=found.warnings,
    )
