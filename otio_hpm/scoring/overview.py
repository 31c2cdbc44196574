"""Looks at all that would be scored: a dry run. Loads no torch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from otio_hpm.errors import MediaError, SketchError
from otio_hpm.model.config import ModelConfig
from otio_hpm.scoring.model_remarks import encoder_remarks, model_remarks, unfit_adapters
from otio_hpm.scoring.pictures import picture_of
from otio_hpm.scoring.plan import handles_of, windows_of
from otio_hpm.scoring.sketches import given_sketch, remarks
from otio_hpm.scoring.source import paid_steps, source_of, unfit_for_ditto
from otio_hpm.scoring.spotted import MediaState, SpottedCue, SpottedShot, Spotting
from otio_hpm.settings import Settings
from otio_hpm.timeline.cue import Cue, CueSheet, Shot
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.media import MediaFile, MediaFinder
from otio_hpm.timeline.tree import locate
from otio_hpm.timing import frames_to_samples


def overview(
    cut: Cut, sheet: CueSheet, finder: MediaFinder, config: ModelConfig, settings: Settings
) -> Spotting:
    """Everything known of a timeline before its picture is decoded."""
    adapters = unfit_adapters(sheet.cues, settings.model.model)
    seen = [_look(cue, cut, finder, settings, adapters) for cue in sheet.cues]
    cues = tuple(
        _spotted(cue, look, cut, finder, _windows(cue, cut, config, settings))
        for cue, look in zip(sheet.cues, seen, strict=True)
    )
    windows = sum(cue.windows for cue in cues)
    noticed = (warning for look in seen for warning in look.warnings)
    steps = sum(
        found.windows * paid_steps(cue, settings.model)
        for found, cue in zip(cues, sheet.cues, strict=True)
    )
    cost_s = config.estimated_s(steps)
    told = (
        *model_remarks(settings.model.model, config),
        *encoder_remarks(settings.model, config),
    )
    return Spotting(
        timeline=cut.path,
        dialect=cut.dialect,
        rate=cut.rate,
        rate_source=cut.rate_source,
        start_timecode=cut.timecode(0),
        end_timecode=cut.timecode(cut.duration_frames),
        drop_frame=cut.drop_frame,
        drop_frame_source=cut.drop_frame_source,
        picture=settings.media.picture,
        cues=cues,
        ignored=sheet.ignored,
        marker_lists=cut.marker_lists,
        model=settings.model,
        licence=config.licence,
        warnings=tuple(dict.fromkeys([*cut.warnings, *sheet.warnings, *noticed, *told])),
        windows=windows,
        estimated_s=math.ceil(cost_s),
    )


@dataclass(frozen=True, kw_only=True)
class _Look:
    """The picture under a cue and what is said of its sketch, or why there is none."""

    offsets: tuple[str, ...] = ()
    looked_through: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def _look(
    cue: Cue, cut: Cut, finder: MediaFinder, settings: Settings, adapters: Mapping[Path, str]
) -> _Look:
    """The picture as scoring would see it; where that fails, why, and what can be seen.

    `adapters` says why some cannot be used.
    """
    where = (cut, cue.start_frames, cue.end_frames, finder, settings)
    told, wrong = _sketch(cue, cut)
    if cue.lora is not None and cue.lora in adapters:
        wrong = (adapters[cue.lora], *wrong)
    if settings.model.style_engine == "ditto" and (unfit := unfit_for_ditto(cue)):
        wrong = (unfit, *wrong)
    try:
        picture = picture_of(*where)
        told = (*picture.warnings, *told)
    except MediaError as error:
        wrong = (error.message, *wrong)
        try:
            picture = picture_of(*where, lenient=True)
        except MediaError:
            return _Look(warnings=told, problems=wrong)
    return _Look(
        offsets=picture.offsets,
        looked_through=picture.looked_through,
        warnings=told,
        problems=wrong,
    )


def _sketch(cue: Cue, cut: Cut) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Warnings about a cue's sketch, and what is wrong with it."""
    try:
        return tuple(remarks(cue, cut, given_sketch(cue))), ()
    except SketchError as error:
        return (), (error.message,)


def _windows(cue: Cue, cut: Cut, config: ModelConfig, settings: Settings) -> int:
    head, tail = handles_of(cue, cut, settings)
    frames = head + cue.end_frames - cue.start_frames + tail
    return len(windows_of(frames_to_samples(frames, cut.rate), config, settings.music).starts)


def _spotted(cue: Cue, look: _Look, cut: Cut, finder: MediaFinder, windows: int) -> SpottedCue:
    return SpottedCue(
        number=cue.number,
        timecode_in=cut.timecode(cue.start_frames),
        timecode_out=cut.timecode(cue.end_frames),
        duration_s=(cue.end_frames - cue.start_frames) / cut.rate,
        marks=tuple(mark.text for mark in cue.marks),
        note=cue.note,
        shots=tuple(_shots(cue.shots, cut, finder)),
        offsets=look.offsets,
        looked_through=look.looked_through,
        maestro=cue.maestro.path if cue.maestro else None,
        maestro_found_by=cue.maestro.found_by if cue.maestro else "",
        sketch=cue.sketch,
        lora=cue.lora,
        follows=source_of(cue),
        hits=tuple(map(cut.timecode, cue.hits_frames)),
        levels=cue.levels,
        style=cue.options.style,
        strength=cue.options.strength,
        windows=windows,
        lane=cue.lane,
        problems=look.problems,
    )


def _shots(shots: Iterable[Shot], cut: Cut, finder: MediaFinder) -> Iterable[SpottedShot]:
    for shot in shots:
        state, media, problem = _media(shot, cut, finder)
        yield SpottedShot(
            name=shot.name,
            track=shot.track,
            timecode_in=cut.timecode(shot.start_frames),
            timecode_out=cut.timecode(shot.end_frames),
            media=state,
            path=media.path if media else None,
            found_by=media.found_by if media else "",
            problem=problem,
        )


def _media(shot: Shot, cut: Cut, finder: MediaFinder) -> tuple[MediaState, MediaFile | None, str]:
    from opentimelineio.schema import GeneratorReference

    clip = locate(cut.timeline, shot.locator)
    if isinstance(clip.media_reference, GeneratorReference):
        return "none", None, ""
    try:
        media = finder.media_of(clip)
    except MediaError as error:
        return "unreadable", None, error.message
    return ("found", media, "") if media else ("missing", None, "")
