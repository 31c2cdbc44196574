"""Takes that came in an archive: their files are unpacked for this run alone, and have to stay."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

from otio_hpm.errors import MediaError, OutputError
from otio_hpm.files import make_folder, writing
from otio_hpm.interchange.bundle_writing import BESIDE
from otio_hpm.scoring.plan import CuePlan, ScorePlan
from otio_hpm.timeline.score_tracks import standing_clips


def brought_out(plan: ScorePlan) -> ScorePlan:
    """The plan with all takes of an archive copied into the audio folder; any other as it is.

    Raises OutputError for a file of that name that is another.
    """
    unpacked = plan.cut.unpacked
    if unpacked is None:
        return plan
    timeline = plan.cut.timeline.deepcopy()
    for placed in standing_clips(timeline, plan.cut):
        for reference in placed.clip.media_references().values():
            try:
                path = plan.finder.find(reference)
            except MediaError:
                continue
            if isinstance(path, Path) and path.is_relative_to(unpacked):
                reference.target_url = _copied(path, plan.audio_folder).absolute().as_uri()
    return dataclasses.replace(
        plan,
        cut=dataclasses.replace(plan.cut, timeline=timeline),
        cues=tuple(_moved(planned, unpacked, plan.audio_folder) for planned in plan.cues),
    )


def _moved(planned: CuePlan, unpacked: Path, folder: Path) -> CuePlan:
    if not planned.wav.is_relative_to(unpacked):
        return planned
    return dataclasses.replace(planned, wav=folder / planned.wav.name)


def _copied(wav: Path, folder: Path) -> Path:
    """A take's copy in a folder, with all that belongs to it."""
    make_folder(folder)
    for suffix in ("", *BESIDE):
        source = wav.with_suffix(suffix) if suffix else wav
        target = folder / source.name
        if target.exists() and source.is_file() and target.read_bytes() != source.read_bytes():
            raise OutputError(
                f"{target} is there and is not that of the archive",
                hint="Choose another output, whose audio has a folder of its own.",
            )
        if source.is_file() and not target.exists():
            with source.open("rb") as file, writing(target) as copy:
                shutil.copyfileobj(file, copy)
    return folder / wav.name
