"""What is said of every element alike: when it is, its name, and what a file kept of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from lxml import etree
from opentimelineio import schema

from otio_hpm.interchange.fcpxml.writing_job import Host, Job
from otio_hpm.interchange.fcpxml.writing_kept import facts, mapping, texts
from otio_hpm.interchange.fcpxml.writing_markers import add_keywords
from otio_hpm.interchange.fcpxml.writing_model import SOUND, known
from otio_hpm.interchange.fcpxml.writing_text import set_attributes
from otio_hpm.interchange.xml_text import legal

_GIVEN_BACK = {
    "asset-clip": ("tcFormat", "videoRole", "audioRole", "modDate"),
    "ref-clip": ("useAudioSubroles", "modDate"),
    "video": ("role",),
    "title": ("role",),
    "gap": (),
}
"""Attributes that an element takes over from the file that the timeline came from."""


def place(job: Job, host: Host, item: Any = None) -> None:
    """Name, start and duration; the offset and the lane come with what it is put into."""
    element = host.element
    if item is not None and item.name:
        set_attributes(element, {"name": item.name})
    element.set("start", job.grid.text(host.clock.start_s))
    element.set("duration", job.grid.text(host.end_s - host.start_s))
    if item is not None and not item.enabled:
        element.set("enabled", "0")


def describe(job: Job, item: Any, host: Host, *, without: Collection[str] = ()) -> None:
    """Give back what was kept of an item, but the children of some names."""
    kept = facts(item)
    element = host.element
    given = texts(mapping(kept.get("attributes")))
    given = {k: given[k] for k in _GIVEN_BACK[element.tag] if k in given}
    set_attributes(element, known(element.tag, given, job.version))
    if isinstance(kept.get("note"), str):
        etree.SubElement(element, "note").text = legal(kept["note"])
    element.extend(one for one in job.keeper.children(item) if one.tag not in without)
    if (first := job.first_of(item)) is not item:
        found = job.keeper.children(first)
        element.extend(one for one in found if one.tag in (*SOUND, "filter-audio"))
    add_keywords(item, host)
    if kept.get("audition"):
        job.losses.add("Of auditions only the first choice is written", repr(item.name))


def note_others(job: Job, clip: Any) -> None:
    """Name a clip that has more media than the active ones and their proxy."""
    if len(set(clip.media_references()) - {"proxy-media"}) > 1:
        job.losses.add("Of several media of one clip only the active are written", repr(clip.name))


def note_effects(job: Job, item: Any) -> None:
    """Name the effects that the format has no word for."""
    for effect in item.effects:
        if effect.enabled and not isinstance(effect, schema.LinearTimeWarp):
            resolve = texts(effect.metadata.get("Resolve_OTIO")).get("Effect Name")
            name = resolve or effect.effect_name or effect.name or effect.schema_name()
            job.losses.add("Effects of other systems are left out", f"{name!r} of {item.name!r}")
