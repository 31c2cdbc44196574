"""The lines of one event of an edit decision list (CMX 3600)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.edl_locators import Located
from otio_hpm.interchange.edl_model import Span
from otio_hpm.interchange.edl_sources import (
    BLACK,
    Reels,
    comments_of,
    file_name_of,
    media_text,
    one_line,
    reel_of,
)
from otio_hpm.interchange.exchange import Delivery
from otio_hpm.interchange.losses import Losses
from otio_hpm.timeline.clip_source import source_drop_frame
from otio_hpm.timeline.edl_notes import EDIT_POINT, MARKER
from otio_hpm.timing import format_timecode, may_drop, nominal, parse_timecode

_TIMECODE_LENGTH = len("00:00:00:00")
_MAX_MIX = 9999
_MAX_FPS = 99_999


class Lines:
    """Writes events; what they cannot say is noted as lost."""

    def __init__(self, delivery: Delivery, losses: Losses) -> None:
        self._delivery = delivery
        self._losses = losses
        self._reels = Reels(losses)
        self._day = parse_timecode("24:00:00:00", delivery.rate, delivery.drop_frame)
        self._drops = delivery.drop_frame
        """How the last FCM line counts."""

    def event(self, number: int, channels: str, span: Span) -> list[str]:
        """The event's line or two lines, and the names, speed and comments under them.

        `channels` is the column, and after a line end the AUD line that it needs. Empty, and noted,
        where its times are beyond what timecode counts.
        """
        column, _, aud = channels.partition("\n")
        written = list(self._event_lines(column, span))
        if any(len(word) > _TIMECODE_LENGTH for _, line in written for word in line.split()[-4:]):
            words = "clips at times that timecode cannot count to are left out"
            self._losses.add(words, repr(span.item.name))
            return []
        lines: list[str] = []
        for drops, line in written:
            lines += [*self._counting(drops), f"{number:03d}  {line}"]
        more = (*([aud] if aud else []), *self._speed(span), *self._edit_point(span))
        return [*lines, *more, *self._names(span)]

    def locator(self, located: Located) -> list[str]:
        """A marker's line, and one for what that cannot say; none, and noted, where timecode cannot
        count to it.
        """
        record = self._record(located.record)
        if len(record) > _TIMECODE_LENGTH:
            words = "markers at times that timecode cannot count to are left out"
            self._losses.add(words, repr(located.text))
            return []
        line = f"* LOC: {record} {located.color:<7} {located.text}".rstrip()
        whose = " TIMELINE" if located.is_timelines else ""
        until = f" TO {self._record(located.until)}" if located.until > located.record else ""
        return [line, *([f"* {MARKER}:{whose}{until}"] if whose or until else [])]

    def _record(self, frame: int) -> str:
        """Record timecode of a frame counted from the timeline's first; midnight begins anew.

        Not for what is longer than half a day, of which nobody could tell where it begins.
        """
        start, day = self._delivery.start_frames, self._day
        number = frame + start
        is_next_day = start < day <= number <= start + day // 2
        return self._timecode(number - day if is_next_day else number, self._delivery.drop_frame)

    def _counting(self, drops: bool) -> Iterator[str]:
        """An FCM line where the source time of a drop-frame list begins to count another way.

        In other lists it would be read as that of record time, and `;` says the same.
        """
        if self._delivery.drop_frame and drops != self._drops:
            self._drops = drops
            yield fcm(drops)

    def _event_lines(self, column: str, span: Span) -> Iterator[tuple[bool, str]]:
        """Whether the source time counts drop-frame, and the line, without the event's number."""
        mix = span.mix
        edit, point = "C", self._record(span.start)
        if mix:
            reel, drops, frame = BLACK, self._delivery.drop_frame, 0
            if mix.outgoing:
                frame = mix.outgoing.source_range[1 if mix.outgoing.speed > 0 else 0]
                reel = self._reels.of(mix.outgoing.item)
                drops = self._source_drops(mix.outgoing)
            out = self._timecode(max(0, frame), drops)
            yield drops, f"{reel:<8} {column:<5} C        {out} {out} {point} {point}"
            edit = f"{mix.edit:<4} {min(mix.length, _MAX_MIX):03d}"
        first, last = self._source(span)
        head = f"{self._reels.of(span.item):<8} {column:<5} {edit:<8}"
        yield self._source_drops(span), f"{head} {first} {last} {point} {self._record(span.end)}"

    def _source_drops(self, span: Span) -> bool:
        """Whether source time counts drop-frame: as it is known to, else as record time."""
        known = source_drop_frame(span.item) if isinstance(span.item, schema.Clip) else None
        drops = self._delivery.drop_frame if known is None else known
        return drops and may_drop(self._delivery.rate)

    def _source(self, span: Span) -> tuple[str, str]:
        drops = self._source_drops(span)
        if span.is_black:
            return self._timecode(0, drops), self._timecode(span.end - span.start, drops)
        first, last = span.source_range
        if span.source_at(span.start).denominator != 1:
            self._losses.add("source times are rounded to whole frames", repr(span.item.name))
        if first < 0:
            words = "source times before 00:00:00:00 are written as that"
            self._losses.add(words, repr(span.item.name))
            first, last = 0, last - first
        return self._timecode(first, drops), self._timecode(last, drops)

    def _speed(self, span: Span) -> Iterator[str]:
        """An M2 line: frames per second in the rate's base, to a tenth."""
        if span.speed == 1:
            return
        base = nominal(self._delivery.rate)
        tenths = max(-10 * _MAX_FPS, min(10 * _MAX_FPS, round(span.speed * base * 10)))
        if float(Fraction(tenths, 10) / base) != float(span.speed) or tenths == base * 10:
            words = "speeds are rounded to a tenth of a frame per second"
            self._losses.add(words, f"{float(span.speed):.6g} of {span.item.name!r}")
        sign = "-" if tenths < 0 else ""
        fps = f"{sign}{abs(tenths) // 10:03d}.{abs(tenths) % 10}"
        first, _ = self._source(span)
        yield f"M2   {self._reels.of(span.item):<8}       {fps:<6}               {first}"

    def _edit_point(self, span: Span) -> Iterator[str]:
        """Where the two clips of a transition meet, where that is not where it begins."""
        if span.edit > span.start:
            yield f"* {EDIT_POINT}: {self._record(span.edit)}"

    def _names(self, span: Span) -> Iterator[str]:
        """What is played, and what it comes from: by name, file and path."""
        item, side = span.item, "TO" if span.mix else "FROM"
        outgoing = span.mix.outgoing if span.mix else None
        name = one_line(item.name)
        if outgoing and outgoing.item.name and (name or span.is_black):
            yield f"* FROM CLIP NAME:  {one_line(outgoing.item.name)}"
        if span.is_black:
            return
        if name:
            yield f"* {side} CLIP NAME:  {name}"
        if name != item.name:
            self._losses.add("names are cut to what fits on a line", repr(item.name))
        comments = comments_of(item)
        yield from self._files(item, side, comments)
        yield from (f"* {comment}" for comment in comments)
        yield from self._grade(item)

    def _files(self, item: Any, side: str, comments: list[str]) -> Iterator[str]:
        """The file, and what is needed to find it again; comments that say so are kept."""
        file = file_name_of(item) or reel_of(item)
        is_said = any(line.upper().startswith("SOURCE FILE:") for line in comments)
        if file and not is_said and (file_name_of(item) or len(file) > len(self._reels.of(item))):
            yield f"* SOURCE FILE: {file}"
        if text := media_text(item, self._delivery):
            yield f"* OTIO REFERENCE {side}: {text}"

    def _grade(self, item: Any) -> Iterator[str]:
        """ASC CDL, as the published adapter keeps it."""
        grade = item.metadata.get("cdl")
        if not isinstance(grade, Mapping):
            return
        sop = grade.get("asc_sop")
        parts = [sop.get(key) for key in ("slope", "offset", "power")] if sop else []
        if parts and all(part is not None and len(part) == 3 for part in parts):
            triples = " ".join("(" + " ".join(map(str, part)) + ")" for part in parts)
            yield f"* ASC_SOP {triples}"
        if grade.get("asc_sat") is not None:
            yield f"* ASC_SAT {grade['asc_sat']}"

    def _timecode(self, frames: int, drop_frame: bool) -> str:
        return format_timecode(frames, self._delivery.rate, drop_frame)


def fcm(drop_frame: bool) -> str:
    """The line that says how timecode counts below it."""
    return f"FCM: {'DROP' if drop_frame else 'NON-DROP'} FRAME"
