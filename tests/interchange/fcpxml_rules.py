"""Rules that every FCPXML document keeps, stated from the document types that Apple publishes.

Content models, required and allowed attributes, their values, ids and what may refer to them, and
what Final Cut Pro asks of times: rationals of 64 over 32 bits, storylines without holes, edits on
frame boundaries. Nothing of the package is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from xml.etree import ElementTree

from fcpxml_definitions import ATTRIBUTES, CONTENT, VALUES

Element = ElementTree.Element

_TIME = re.compile(r"(-?\d{1,19})(?:/(\d{1,10}))?s")
_ID = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_URI = re.compile(r"(?:[\w.~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+", re.ASCII)
_SEQUENCE_RATES = {"32k", "44.1k", "48k", "88.2k", "96k", "176.4k", "192k"}
_TIMES = {"start", "offset", "duration", "tcStart", "frameDuration", "time", "value@timept",
          "posterOffset", "audioStart", "audioDuration"}  # fmt: skip
_REFERS = {
    ("asset-clip", "ref"): {"asset"},
    ("ref-clip", "ref"): {"media"},
    ("video", "ref"): {"asset", "effect"},
    ("title", "ref"): {"effect"},
    ("filter-video", "ref"): {"effect"},
    ("filter-audio", "ref"): {"effect"},
    ("text-style", "ref"): {"text-style-def"},
}
_KINDS = {"format": {"format"}, "tracking": {"tracking-shape"}, "dataLocator": {"locator"}}
"""What an attribute refers to wherever it stands."""
_CONTAINERS = {"asset-clip", "ref-clip", "video", "title", "gap"}
_STORIES = {*_CONTAINERS, "spine", "clip", "audio", "sync-clip", "mc-clip", "audition"}


def problems(data: bytes) -> list[str]:
    """Every rule that a document breaks, in words; empty for a good one."""
    root = ElementTree.fromstring(data)
    found = [*_content(root), *_attributes(root), *_references(root)]
    if not found:
        frames = {one.get("id"): one.get("frameDuration") for one in root.iter("format")}
        for sequence in root.iter("sequence"):
            found += _sequence(sequence, frames)
    return found


def seconds(text: str | None) -> Fraction:
    """A time attribute."""
    match = _TIME.fullmatch(text or "0s")
    assert match, text
    return Fraction(int(match[1]), int(match[2] or 1))


def _content(root: Element) -> Iterator[str]:
    version = root.get("version", "")
    early = {"asset": "bookmark?, metadata?"} if version == "1.8" else {}
    for element in root.iter():
        model = early.get(element.tag, CONTENT.get(element.tag))
        tags = "".join(f"<{child.tag}>" for child in element)
        if model is not None and not re.fullmatch(_pattern(model), tags):
            yield f"{version}: <{element.tag}> holds {tags}"


def _pattern(model: str) -> str:
    """A content model as a regular expression over `<a><b>`."""
    parts = []
    for part in filter(None, model.split(", ")):
        names, many = re.fullmatch(r"\(?([^()]*?)\)?([?*+]?)", part).groups()  # type: ignore[union-attr]
        parts.append(f"(?:<(?:{names})>){many}")
    return "".join(parts)


def _attributes(root: Element) -> Iterator[str]:
    early = root.get("version") == "1.8"
    for element in root.iter():
        required, allowed = ATTRIBUTES.get(element.tag, (set(), set(element.attrib)))
        if element.tag == "asset" and early:
            required = required | {"src"}
        if missing := required - set(element.attrib):
            yield f"<{element.tag}> lacks {missing}"
        if unknown := set(element.attrib) - required - allowed:
            yield f"<{element.tag}> has {unknown}"
        for name, value in element.attrib.items():
            yield from _value(element, name, value)


def _value(element: Element, name: str, value: str) -> Iterator[str]:
    allowed = VALUES.get(f"{name}@{element.tag}", VALUES.get(name))
    if allowed is not None and element.tag in ATTRIBUTES and value not in allowed:
        yield f"<{element.tag}> {name}={value!r}"
    if name == "id" and not _ID.fullmatch(value):
        yield f"<{element.tag}> id={value!r} is no name"
    if name == "src" and element.tag in ("media-rep", "asset") and not _URI.fullmatch(value):
        yield f"<{element.tag}> src={value!r} is no URL"
    if element.tag == "sequence" and name == "audioRate" and value not in _SEQUENCE_RATES:
        yield f"<sequence> audioRate={value!r}"
    if element.tag in ATTRIBUTES and (name in _TIMES or f"{name}@{element.tag}" in _TIMES):
        match = _TIME.fullmatch(value)
        if not match or abs(int(match[1])) >= 2**63 or not 0 < int(match[2] or 1) < 2**31:
            yield f"<{element.tag}> {name}={value!r} is no time"


def _references(root: Element) -> Iterator[str]:
    ids = [one for one in root.iter() if one.get("id") is not None]
    by_id = {one.get("id"): one for one in ids}
    if len(by_id) < len(ids):
        yield "an id is given twice"
    for element in root.iter():
        for name in ("ref", *_KINDS):
            kinds = _KINDS.get(name) or _REFERS.get((element.tag, name))
            number = element.get(name)
            if (
                number is not None
                and kinds
                and (number not in by_id or by_id[number].tag not in kinds)
            ):
                yield f"<{element.tag}> {name}={number!r} refers to no {kinds}"


def _sequence(sequence: Element, frames: dict[str | None, str | None]) -> Iterator[str]:
    frame_s = seconds(frames[sequence.get("format")])
    start_s = seconds(sequence.get("tcStart"))
    spine = sequence.find("spine")
    assert spine is not None
    end_s = yield from _storyline(spine, start_s, frame_s)
    if seconds(sequence.get("duration")) != end_s - start_s:
        yield "a sequence is not as long as its spine"
    if start_s % frame_s:
        yield "tcStart is between frames"
    for element in spine.iter():
        if element.tag in _CONTAINERS:
            yield from _anchored(element, frame_s)


def _storyline(spine: Element, start_s: Fraction, frame_s: Fraction) -> Iterator[str]:
    """Items without holes, on frames, and transitions over their cuts; where it ends."""
    position_s = start_s
    cuts = {start_s}
    crosses = []
    for child in spine:
        offset_s, length_s = seconds(child.get("offset")), seconds(child.get("duration"))
        if child.get("lane") is not None:
            yield f"<{child.tag}> in a storyline has a lane"
        if offset_s % frame_s or length_s % frame_s or length_s <= 0:
            yield f"<{child.tag}> {child.get('name')!r} in a storyline is not on frames"
        if child.tag == "transition":
            crosses.append((offset_s, offset_s + length_s))
            continue
        if offset_s != position_s:
            yield f"<{child.tag}> {child.get('name')!r} is not where the item before it ends"
        position_s = offset_s + length_s
        cuts.add(position_s)
    for first_s, last_s in crosses:
        if not any(first_s <= cut_s <= last_s for cut_s in cuts):
            yield "a transition lies over no cut"
        if first_s < start_s or last_s > position_s:
            yield "a transition reaches beyond its storyline"
    return position_s


def _anchored(parent: Element, frame_s: Fraction) -> Iterator[str]:
    """Connected items have a lane, and picture is connected on a frame of the sequence."""
    conform = parent.find("conform-rate")
    for child in parent:
        if child.tag not in _STORIES:
            continue
        if child.get("lane") in (None, "0"):
            yield f"<{child.tag}> is connected without a lane"
        if child.tag == "spine":
            yield from _storyline(child, Fraction(0), frame_s)
        after_s = seconds(child.get("offset")) - seconds(parent.get("start"))
        in_step = conform is not None and conform.get("scaleEnabled") != "0"
        if int(child.get("lane", "1")) > 0 and not in_step and after_s % frame_s:
            yield f"<{child.tag}> {child.get('name')!r} is connected between frames"
        if after_s < 0 or (after_s >= seconds(parent.get("duration")) and not in_step):
            yield f"<{child.tag}> {child.get('name')!r} is connected outside of its parent"
