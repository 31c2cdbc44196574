"""Elements that hold a timeline of their own: compound, synchronised and multicam clips."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from opentimelineio import schema

from otio_hpm.errors import TimelineError
from otio_hpm.interchange.fcpxml.clock import Clock
from otio_hpm.interchange.fcpxml.document import elements, lane_of, named
from otio_hpm.interchange.fcpxml.fades import take_fades
from otio_hpm.interchange.fcpxml.kept import STORY
from otio_hpm.interchange.fcpxml.marking import markers_of
from otio_hpm.interchange.fcpxml.media import rate_of
from otio_hpm.interchange.fcpxml.order import first_time
from otio_hpm.interchange.fcpxml.span import Piece, Span
from otio_hpm.interchange.fcpxml.times import format_time
from otio_hpm.interchange.fcpxml.tracks import tracks_of

if TYPE_CHECKING:
    from otio_hpm.interchange.fcpxml.story import Story

_ZERO = Fraction(0)
_MOST_COMPOUNDS = 16


@dataclass(frozen=True, kw_only=True)
class _Content:
    """What is inside a compound clip."""

    pictures: list[Any]
    """Tracks."""
    sounds: list[Any]
    """Tracks."""
    markers: list[Any]
    rate: Fraction | None
    origin_s: Fraction
    """Its own time at its first frame."""

    def copy(self) -> _Content:
        """The same, to be put into another stack."""
        return dataclasses.replace(
            self,
            pictures=[track.deepcopy() for track in self.pictures],
            sounds=[track.deepcopy() for track in self.sounds],
            markers=[marker.deepcopy() for marker in self.markers],
        )


def contained_pieces(story: Story, span: Span, depth: int) -> list[Piece]:
    """A sync-clip, or a clip that is more than one picture with its sounds."""
    document = story.document
    inside = [
        child
        for child in elements(span.element)
        if child.tag in STORY | {"transition"} and lane_of(child) is None
    ]
    offsets = [document.time(child, "offset") or _ZERO for child in inside]
    origin_s = min([span.retime.content(span.own_s), *offsets])
    inner = story.inner(rate_of(document, span.element))
    inner.spine(inside, Clock(own_s=origin_s, at_s=_ZERO), depth=depth)
    return _pieces(story, span, _content(inner, inner, origin_s))


def compound_pieces(story: Story, span: Span, depth: int) -> list[Piece] | None:
    """A ref-clip; None where it refers to no sequence.

    Raises TimelineError for a compound clip that holds itself.
    """
    document = story.document
    media = document.resource(span.element, "media")
    sequence = media.find("sequence") if media is not None else None
    if sequence is None:
        return None
    compounds = _opened(story, span, media)

    def unfold() -> _Content:
        inner = story.inner(rate_of(document, sequence), compounds)
        inner.sequence(sequence, depth)
        return _content(inner, inner, document.time(sequence, "tcStart") or _ZERO)

    return _pieces(story, span, _once(story, ("sequence", sequence, story.rate), unfold))


def multicam_pieces(story: Story, span: Span, depth: int) -> list[Piece] | None:
    """An mc-clip with its active angles; None where it refers to no multicam."""
    document = story.document
    media = document.resource(span.element, "media")
    multicam = media.find("multicam") if media is not None else None
    if multicam is None:
        return None
    compounds = _opened(story, span, media)
    pictures = tuple(_angles(story, span.element, multicam, "video")[:1])
    sounds = tuple(_angles(story, span.element, multicam, "audio"))

    def unfold() -> _Content:
        origin_s = document.time(multicam, "tcStart") or _ZERO
        from_s = first_time(document, multicam.iterchildren("mc-angle"), origin_s)
        rate = rate_of(document, multicam)
        seen, heard = story.inner(rate, compounds), story.inner(rate, compounds)
        for inner, angles in ((seen, pictures), (heard, sounds)):
            for angle in angles:
                inner.spine(elements(angle), Clock(own_s=from_s, at_s=_ZERO), depth=depth)
        return _content(seen, heard, origin_s)

    return _pieces(story, span, _once(story, (pictures, sounds, story.rate), unfold))


def _content(seen: Story, heard: Story, origin_s: Fraction) -> _Content:
    is_picture = schema.TrackKind.Video
    pictures = tracks_of((one for one in seen.placed if one.kind == is_picture), seen.rate)
    sounds = tracks_of((one for one in heard.placed if one.kind != is_picture), heard.rate)
    take_fades(seen.document, [*pictures, *sounds], seen.rate)
    return _Content(
        pictures=pictures,
        sounds=sounds,
        markers=seen.markers,
        rate=seen.rate,
        origin_s=origin_s,
    )


def _once(story: Story, key: tuple[Any, ...], unfold: Callable[[], _Content]) -> _Content:
    """What a resource holds, unfolded at first and copied when it is met again."""
    document = story.document
    if key not in document.made:
        before = document.items
        document.made[key] = unfold(), document.items - before
    else:
        document.count_copies(document.made[key][1], len(story.compounds) + 1)
    content: _Content = document.made[key][0]
    return content.copy()


def _opened(story: Story, span: Span, media: Any) -> tuple[str, ...]:
    """The compound clips that are open around an element, this one too."""
    name = str(media.get("id"))
    if name in story.compounds:
        raise TimelineError(
            f"{story.document.path.name}: the compound clip {media.get('name')!r} holds itself"
        )
    if len(story.compounds) >= _MOST_COMPOUNDS:
        raise TimelineError(
            f"{story.document.path.name}: {named(span.element)} is inside more than "
            f"{_MOST_COMPOUNDS} compound clips"
        )
    return (*story.compounds, name)


def _angles(story: Story, clip: Any, multicam: Any, what: str) -> list[Any]:
    """The angles of a multicam that a clip shows (`video`) or lets be heard (`audio`)."""
    angles = {angle.get("angleID"): angle for angle in multicam.iterchildren("mc-angle")}
    sources = clip.findall("mc-source")
    if not sources and angles:
        story.document.warn(clip, "names no active angle; the first is taken")
        return [next(iter(angles.values()))]
    wanted = [one for one in sources if (one.get("srcEnable") or "all") in ("all", what)]
    missing = [one for one in wanted if one.get("angleID") not in angles]
    for one in missing:
        story.document.warn(clip, f"names no angle that is there ({one.get('angleID')!r})")
    return [angles[one.get("angleID")] for one in wanted if one not in missing]


def _pieces(story: Story, span: Span, content: _Content) -> list[Piece]:
    """A stack of the picture, and one of the sound, of what is inside."""
    element, origin_s = span.element, content.origin_s
    only = element.get("srcEnable")
    frames, sounds = content.pictures, content.sounds
    has_picture = any(not isinstance(item, schema.Gap) for track in frames for item in track)
    pieces = []
    if only != "audio" and (has_picture or not sounds):
        pieces.append(_stack(story, span, frames, origin_s, schema.TrackKind.Video))
        pieces[0].item.markers.extend(content.markers)
    if sounds and only != "video":
        role = element.get("audioRole") or _main_role(sounds)
        pieces.append(_stack(story, span, sounds, origin_s, schema.TrackKind.Audio, role))
    if not pieces:
        kind = schema.TrackKind.Audio if only == "audio" else schema.TrackKind.Video
        role = element.get("audioRole") or ""
        pieces.append(_stack(story, span, frames or sounds, origin_s, kind, role))
    pieces[0].item.markers.extend(
        markers_of(story.document, element, span.retime, origin_s, content.rate, span.rate)
    )
    return pieces


def _stack(
    story: Story, span: Span, tracks: Iterable[Any], origin_s: Fraction, kind: str, role: str = ""
) -> Piece:
    stack = schema.Stack(
        name=span.element.get("name") or "",
        children=list(tracks),
        source_range=span.source_range(span.retime, origin_s),
        effects=span.retime.effects,
    )
    kept = {"origin": format_time(origin_s)}
    media = story.document.resources.get(span.element.get("ref") or "")
    if media is not None and media.get("name"):
        kept["media"] = media.get("name")
    return Piece(
        item=stack, kind=kind, start_s=span.start_s, end_s=span.end_s, role=role, kept=kept
    )


def _main_role(tracks: Iterable[Any]) -> str:
    """The role of the first sound, without its subrole."""
    roles = (str(track.metadata["fcpxml"]["role"]) for track in tracks)
    return next((role.partition(".")[0] for role in roles if role), "")
