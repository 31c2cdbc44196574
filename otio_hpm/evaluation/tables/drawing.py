"""Which of the paper's figures are drawn of a comparison, and of which clips."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from otio_hpm.errors import SettingsError
from otio_hpm.evaluation.figures.film_score import draw_film_score
from otio_hpm.evaluation.figures.originality import Styles, draw_originality
from otio_hpm.evaluation.figures.style_transfer import draw_style_transfer
from otio_hpm.evaluation.tables.clips import Sound
from otio_hpm.evaluation.tables.reference import Reference
from otio_hpm.evaluation.tables.rows import Row
from otio_hpm.evaluation.tables.style_figures import STYLE_COLUMNS, StyledFigure
from otio_hpm.evaluation.tables.systems import System, bounds
from otio_hpm.files import make_folder
from otio_hpm.model.config import ModelConfig

_CLIPS = 3
_SYSTEMS = 4
"""As many as can be read side by side."""


def chosen_clips(reference: Reference, names: Sequence[str]) -> list[int]:
    """Numbers of the clips of these names; three, spread evenly, where none is named.

    Raises SettingsError for a name that is no clip's.
    """
    unknown = [name for name in names if name not in reference.names]
    if unknown:
        raise SettingsError(
            f"{', '.join(map(repr, unknown))} is no clip of {reference.name}",
            hint=f"Its clips are {', '.join(reference.names[:_CLIPS])} and so on.",
        )
    spread = np.linspace(0, len(reference.names) - 1, _CLIPS).astype(int)
    return [reference.names.index(name) for name in names] or sorted(set(spread.tolist()))


def draw_clips(
    folder: Path, reference: Reference, systems: Sequence[System], clips: Sequence[int],
    config: ModelConfig,
) -> None:  # fmt: skip
    """Figures 3 and 4, of clips that have a picture and of those that have a style.

    Of the systems, the first that are no bounds are shown beside the reference. Raises OutputError,
    and MediaError and DatasetError as the reference does.
    """
    make_folder(folder)
    taken = {bound.name for bound in bounds(reference)}
    shown = [system for system in systems if system.name not in taken][:_SYSTEMS]
    for index in clips:
        name, truth = reference.names[index], reference.sound(index)
        made = _made(shown, index, len(truth))
        frames, style = reference.frames(index), reference.style(index)
        if frames is not None:
            heard = {"reference": truth, **made}
            draw_film_score(folder / f"figure-3-{name}", name, frames, heard, config)
        if style is not None:
            draw_style_transfer(folder / f"figure-4-{name}", name, truth, made, style, config)


def draw_styles(path: Path, rows: Sequence[Row]) -> None:
    """Figure 2, of the systems whose styles were measured; nothing where none was.

    Raises OutputError.
    """
    systems = {row.system: styles for row in rows if (styles := _styles(row)) is not None}
    if systems:
        make_folder(path.parent)
        chance = 1 / max(len(styles.recognizability) for styles in systems.values())
        draw_originality(path, systems, chance, "embedding network")


def _styles(row: Row) -> Styles | None:
    found = [row.cells[name].figure for name in STYLE_COLUMNS if name in row.cells]
    each = [figure.per_style for figure in found if isinstance(figure, StyledFigure)]
    if len(each) < len(STYLE_COLUMNS):
        return None
    return Styles(originality=each[0], recognizability=each[1])


def _made(systems: Sequence[System], index: int, samples: int) -> dict[str, Sound]:
    """What systems that have music for a clip made of it. each (samples,) at most"""
    sounds = ((system.name, system.sound(index)) for system in systems)
    return {name: sound[:samples] for name, sound in sounds if sound is not None}
