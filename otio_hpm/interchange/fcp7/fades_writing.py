"""Transitions as the host's own: a cross dissolve of picture, a cross fade of sound."""

from __future__ import annotations

from fractions import Fraction
from xml.etree.ElementTree import Element

from opentimelineio import schema

from otio_hpm.interchange.fcp7.kept import add, fill, kept_of
from otio_hpm.interchange.fcp7.layout import Fade
from otio_hpm.interchange.fcp7.spans import TICKS
from otio_hpm.interchange.fcp7.timecode import write_rate
from otio_hpm.interchange.losses import Losses

_DISSOLVE = (
    ("name", "Cross Dissolve"), ("effectid", "Cross Dissolve"), ("effectcategory", "Dissolve"),
    ("effecttype", "transition"), ("mediatype", "video"),
)  # fmt: skip
_CROSS_FADE = (
    ("name", "Cross Fade (+3dB)"), ("effectid", "KGAudioTransCrossFade3dB"),
    ("effecttype", "transition"), ("mediatype", "audio"),
)  # fmt: skip
_BOTH = (
    ("wipecode", "0"), ("wipeaccuracy", "100"), ("startratio", "0"), ("endratio", "1"),
    ("reverse", "FALSE"),
)  # fmt: skip


def write_fade(track: Element, fade: Fade, rate: Fraction, mediatype: str, losses: Losses) -> None:
    """Add a `<transitionitem>` to a track; of another kind only where its effect is kept."""
    element, kept = add(track, "transitionitem"), kept_of(fade.transition)
    add(element, "start", fade.start)
    add(element, "end", fade.end)
    add(element, "alignment", _alignment(fade))
    if mediatype == "video" or (fade.cut - fade.start) * 2 != fade.end - fade.start:
        add(element, "cutPointTicks", round((fade.cut - fade.start) * TICKS / rate))
    write_rate(element, rate)
    if not isinstance(kept.get("effect"), str | None):
        fill(element, {"effect": kept["effect"]})
        return
    if fade.transition.transition_type != schema.TransitionTypes.SMPTE_Dissolve:
        where = repr(fade.transition.name or fade.transition.transition_type)
        losses.add("transitions of other kinds are written as dissolves", where)
    effect = add(element, "effect")
    for tag, value in (*(_DISSOLVE if mediatype == "video" else _CROSS_FADE), *_BOTH):
        add(effect, tag, value)


def _alignment(fade: Fade) -> str:
    """Where the edit point lies: `-black` where there is no clip on the other side of it."""
    if fade.cut == fade.start:
        return "start" if fade.after_clip else "start-black"
    if fade.cut == fade.end:
        return "end" if fade.before_clip else "end-black"
    return "center"
