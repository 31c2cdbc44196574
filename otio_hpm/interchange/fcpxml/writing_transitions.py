"""Transitions as elements of a storyline, which lie over the cut between two others."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from lxml import etree
from opentimelineio import schema

from otio_hpm.interchange.fcpxml.own_effects import AUDIO_CROSSFADE, CROSS_DISSOLVE
from otio_hpm.interchange.fcpxml.writing_job import Job
from otio_hpm.interchange.fcpxml.writing_layout import Cross
from otio_hpm.interchange.fcpxml.writing_model import arrange
from otio_hpm.interchange.fcpxml.writing_text import set_attributes


def transition_element(job: Job, cross: Cross, offset_s: Fraction, *, sound: bool) -> Any:
    """A transition that begins at an offset of its storyline.

    Without effects of its own from such a file it is a cross dissolve, or a crossfade of sound.
    """
    transition = cross.transition
    plain = AUDIO_CROSSFADE if sound else CROSS_DISSOLVE
    element = etree.Element("transition")
    name = transition.name or plain["name"]
    set_attributes(element, {"name": name})
    element.set("offset", job.grid.text(offset_s))
    element.set("duration", job.grid.text(cross.end_s - cross.start_s))
    wanted = "filter-audio" if sound else "filter-video"
    kept = [one for one in job.keeper.children(transition) if not sound or one.tag == wanted]
    element.extend(kept)
    if not any(one.tag == wanted for one in kept):
        effect = etree.SubElement(element, wanted, {"ref": job.resources.effect(plain)})
        set_attributes(effect, {"name": name})
        if transition.transition_type != schema.TransitionTypes.SMPTE_Dissolve:
            where = repr(transition.name or transition.transition_type)
            job.losses.add("Transitions of other kinds are written as dissolves", where)
    arrange(element, job.losses)
    return element
