"""What scoring did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from otio_hpm.errors import HpmError
from otio_hpm.scoring.plan import CuePlan, ScorePlan, SkippedCue
from otio_hpm.scoring.sidecar import read_sidecar
from otio_hpm.scoring.sketch_files import paths_beside
from otio_hpm.timeline.cue import MaestroReference
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.found import Rule
from otio_hpm.timeline.media import MediaFile
from otio_hpm.timeline.outputs import WrittenFile
from otio_hpm.timeline.writing import WriteReport


@dataclass(frozen=True, kw_only=True)
class ScoredCue:
    """A cue that has its music."""

    number: str
    timecode_in: str
    timecode_out: str
    take: int
    wav: Path
    sidecar: Path
    sketches: tuple[Path, ...]
    """The sketch that it follows, as JSON and as MIDI; empty where it follows none."""
    reused: bool
    """The take was there already, and nothing that decides it has changed."""
    integrated_lufs: float
    true_peak_dbtp: float


@dataclass(frozen=True, kw_only=True)
class FailedCue:
    """A cue that could not be rendered."""

    number: str
    timecode: str
    message: str
    hint: str
    exit_code: int


@dataclass(frozen=True, kw_only=True)
class FoundMedia:
    """A file that was not where the timeline says."""

    path: Path
    found_by: Rule


@dataclass(frozen=True, kw_only=True)
class ScoreResult:
    """What scoring did."""

    timeline: Path
    """The .otio that was written."""
    written: tuple[WrittenFile, ...]
    """All timelines that were written, in order, and what each of them could not carry."""
    audio_folder: Path
    cues: tuple[ScoredCue, ...]
    failed: tuple[FailedCue, ...]
    skipped: tuple[SkippedCue, ...]
    marker_lists: tuple[str, ...]
    """What was merged from each list of markers, in words."""
    reference: tuple[str, ...]
    """How the movie of `--picture` was placed, in words; empty where there is none."""
    found_media: tuple[FoundMedia, ...]
    """The media that were not where the timeline says, in order of appearance."""
    changes: tuple[str, ...]
    """What was kept, replaced and added on the timeline, in words."""
    warnings: tuple[str, ...]


def result_of(plan: ScorePlan, failed: Mapping[str, HpmError], report: WriteReport) -> ScoreResult:
    """What has become of a plan; `failed` holds errors by cue number."""
    return ScoreResult(
        timeline=report.path,
        written=report.written,
        audio_folder=plan.audio_folder,
        cues=tuple(_scored(p, plan.cut) for p in plan.cues if p.cue.number not in failed),
        failed=tuple(
            _failed(p, plan.cut, failed[p.cue.number]) for p in plan.cues if p.cue.number in failed
        ),
        skipped=plan.skipped,
        marker_lists=plan.cut.marker_lists,
        reference=_reference(plan),
        found_media=tuple(dict.fromkeys(_found(plan))),
        changes=report.changes,
        warnings=plan.warnings,
    )


def _reference(plan: ScorePlan) -> tuple[str, ...]:
    """How the reference movie was placed; every cue's picture says the same."""
    if plan.settings.media.picture is None:
        return ()
    told = (words for planned in plan.cues for words in planned.picture.offsets)
    return tuple(dict.fromkeys(told))


def _found(plan: ScorePlan) -> Iterator[FoundMedia]:
    """Media of picture and maestro cues that a rule has found."""
    for planned in plan.cues:
        used: list[MediaFile | MaestroReference] = list(planned.picture.media)
        if planned.cue.maestro is not None:
            used.append(planned.cue.maestro)
        for media in used:
            if media.found_by:
                yield FoundMedia(path=media.path, found_by=media.found_by)


def _scored(planned: CuePlan, cut: Cut) -> ScoredCue:
    """A finished cue, with the figures of its sidecar."""
    facts = read_sidecar(planned.wav)
    figures, sketch = facts["figures"], facts["sketch"]
    return ScoredCue(
        number=planned.cue.number,
        timecode_in=cut.timecode(planned.cue.start_frames),
        timecode_out=cut.timecode(planned.cue.end_frames),
        take=planned.take,
        wav=planned.wav,
        sidecar=planned.sidecar,
        sketches=paths_beside(planned.wav) if sketch else (),
        reused=planned.reuse,
        integrated_lufs=figures["integrated_lufs"],
        true_peak_dbtp=figures["true_peak_dbtp"],
    )


def _failed(planned: CuePlan, cut: Cut, error: HpmError) -> FailedCue:
    """A cue that failed, with what its error says."""
    return FailedCue(
        number=planned.cue.number,
        timecode=cut.timecode(planned.cue.start_frames),
        message=error.message,
        hint=error.hint,
        exit_code=error.exit_code,
    )
