"""The job as three calls: `spot` looks, `plan` decides, `score` does."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

from otio_hpm.errors import MediaError, PartialError
from otio_hpm.files import write_bytes
from otio_hpm.interchange.marker_files import check_ending
from otio_hpm.model.checkpoint import checksum, model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.scoring import checks
from otio_hpm.scoring.earlier import earlier_takes
from otio_hpm.scoring.model_remarks import model_remarks
from otio_hpm.scoring.names import audio_folder
from otio_hpm.scoring.overview import overview
from otio_hpm.scoring.plan import CuePlan, Planner, ScorePlan, SkippedCue
from otio_hpm.scoring.progress import Listener, reporter
from otio_hpm.scoring.render import clear_leftovers
from otio_hpm.scoring.rendering import Loader, render_all
from otio_hpm.scoring.result import ScoreResult, result_of
from otio_hpm.scoring.sidecar import read_sidecar
from otio_hpm.scoring.spotted import Spotting
from otio_hpm.scoring.unfollowed import as_followed
from otio_hpm.scoring.unpacking import brought_out
from otio_hpm.settings import Settings
from otio_hpm.timeline.cue import CueSheet
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.listed_markers import with_listed_markers
from otio_hpm.timeline.marked_files import marked_files
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.outputs import Output, check_outputs, check_place, otio_among, outputs_of
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.spotting import spot_cues
from otio_hpm.timeline.spotting_sheet import spotting_file
from otio_hpm.timeline.writing import Take, rehearse, write_scored


def spot(
    timeline: Path | str,
    settings: Settings | None = None,
    *,
    save_markers: Path | str | None = None,
    overwrite: bool = False,
    progress: Listener | None = None,
) -> Spotting:
    """What would be scored and why not; loads no torch and changes nothing.

    `save_markers` is a file that the spotting is saved in as markers: an .edl for Resolve, a .txt
    for Avid, a .csv as a spotting sheet; `overwrite` allows it to exist. `progress` hears of media
    folders that are searched at length. Missing media are shown, not raised. Raises TimelineError,
    MarkError, MaestroError, SketchError, SettingsError, OutputError for that file and, where no
    such model is there, ModelError.
    """
    settings = settings or Settings()
    checks.check_settings(settings)
    if save_markers is not None:
        check_ending(Path(save_markers))
        check_place(Path(timeline), Path(save_markers), overwrite=overwrite)
    cut, sheet, finder = _read(Path(timeline), settings, progress)
    config = ModelConfig.load(model_folder(settings.model.model) / "config.json")
    settings = _for_model(settings, config)
    followed = as_followed(sheet, settings.model.model, config)
    spotting = overview(cut, followed, finder, config, settings)
    if save_markers is None:
        return spotting
    written = spotting_file(cut, sheet, settings.spotting, Path(save_markers))
    write_bytes(Path(save_markers), written.data, overwrite=overwrite)
    warnings = (*spotting.warnings, *written.losses)
    return dataclasses.replace(spotting, saved=Path(save_markers), warnings=warnings)


def plan(
    timeline: Path | str,
    output: Output | Iterable[Output],
    settings: Settings | None = None,
    *,
    progress: Listener | None = None,
) -> ScorePlan:
    """Decide everything that scoring will do, and what is done already; writes nothing.

    The audio folder has the name of the first output. Raises what `spot` raises, OutputError for
    outputs that are none, MediaError where picture is missing or not readable, and SketchError for
    a sketch that is neither JSON nor MIDI.
    """
    settings, outputs = settings or Settings(), outputs_of(output)
    checks.check_settings(settings)
    cut, sheet, finder = _read(Path(timeline), settings, progress)
    folder = model_folder(settings.model.model)
    config = ModelConfig.load(folder / "config.json")
    settings = _for_model(settings, config)
    sheet = as_followed(sheet, settings.model.model, config)
    planner = Planner(
        cut=cut,
        finder=finder,
        folder=audio_folder(outputs[0]),
        earlier=earlier_takes(cut, finder),
        config=config,
        model_checksum=checksum(folder),
        settings=settings,
    )
    outcomes = [planner.plan(cue) for cue in sheet.cues]
    cues = tuple(found for found in outcomes if isinstance(found, CuePlan))
    skipped = tuple(found for found in outcomes if isinstance(found, SkippedCue))
    if not cues:
        raise MediaError(
            f"every cue of {timeline} is skipped: {skipped[0].reason}",
            hint="Say where the media are with --media-dir or --path-map.",
        )
    noticed = (warning for planned in cues for warning in planned.warnings)
    told = model_remarks(settings.model.model, planner.config)
    return ScorePlan(
        cut=cut,
        finder=finder,
        output=otio_among(outputs),
        outputs=outputs,
        audio_folder=planner.folder,
        settings=settings,
        config=planner.config,
        model_checksum=planner.model_checksum,
        cues=cues,
        skipped=skipped,
        ignored=sheet.ignored,
        warnings=tuple(dict.fromkeys([*cut.warnings, *sheet.warnings, *noticed, *told])),
    )


def score(
    timeline: Path | str,
    output: Output | Iterable[Output],
    settings: Settings | None = None,
    *,
    music_only: bool = False,
    overwrite: bool = False,
    progress: Listener | None = None,
    load: Loader | None = None,
) -> ScoreResult:
    """Render music under every marked shot, and write the timeline with it.

    `output` is one file or several, each in the format of its suffix; an .otio is always written,
    by the name of the first where none is named, because it alone loses nothing. `music_only`
    writes timelines with nothing but our tracks; `overwrite` allows them to exist. Takes that are
    there already are not rendered again; if all are, no model is loaded. Whatever can be checked
    is checked before that. Raises any HpmError; PartialError, carrying the result, where some cues
    failed and the timelines are written with the others.
    """
    outputs = outputs_of(output)
    check_outputs(Path(timeline), outputs, overwrite=overwrite)
    planned = plan(timeline, outputs, settings, progress=progress)
    checks.check_plan(planned)
    rehearse(planned.cut, outputs, planned.settings.delivery, music_only=music_only)
    planned = brought_out(planned)
    clear_leftovers(planned)
    failed = render_all(planned, progress, load)
    done = [cue for cue in planned.cues if cue.cue.number not in failed]
    if not done:
        raise next(iter(failed.values()))
    report = write_scored(
        planned.cut,
        [_take(cue, planned) for cue in done],
        outputs,
        music_only=music_only,
        overwrite=overwrite,
        settings=planned.settings.delivery,
        finder=planned.finder,
        marked=marked_files(planned.cut, planned.settings.spotting, planned.finder),
    )
    result = result_of(planned, failed, report)
    if failed:
        raise PartialError(
            f"{len(failed)} of {len(planned.cues)} cues failed: {', '.join(failed)}",
            hint="Run the same command again with --overwrite for these; the others are kept.",
            result=result,
        )
    return result


def _take(planned: CuePlan, plan: ScorePlan) -> Take:
    return Take(
        cue=planned.cue,
        take=planned.take,
        wav=planned.wav,
        sidecar=planned.sidecar,
        sha256=read_sidecar(planned.wav)["audio"]["sha256"],
        fingerprint=planned.fingerprint,
        start_frames=planned.start_frames,
        head_frames=planned.head_frames,
        tail_frames=planned.tail_frames,
        length_samples=planned.samples,
        baked_fades=plan.settings.music.bake_fades,
    )


def _for_model(settings: Settings, config: ModelConfig) -> Settings:
    """Settings with what is left to the model."""
    return dataclasses.replace(settings, model=settings.model.for_model(config.followed_steps))


def _read(
    timeline: Path, settings: Settings, listener: Listener | None
) -> tuple[Cut, CueSheet, MediaFinder]:
    report = reporter(listener, "", 0, 1)
    cut = with_listed_markers(read_cut(timeline, settings), settings.spotting)
    finder = MediaFinder(
        cut.folder,
        settings.media,
        cut.bundled,
        report=lambda done, total: report("media", done / total),
    )
    return cut, spot_cues(cut, settings, finder), finder
