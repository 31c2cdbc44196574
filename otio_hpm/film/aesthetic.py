"""Aesthetic descriptors: six attributes of AADB (Kong et al. 2016) that TAVAR also rates.

Each is a published measure that stands for a viewer's rating; none is a learnt rating.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from otio_hpm.film.planes import HUE_BINS, Floats, Planes, grid_means, per_second

AESTHETIC_NAMES: tuple[str, ...] = (
    "interesting_content",
    "object_emphasis",
    "vivid_color",
    "depth_of_field",
    "color_harmony",
    "good_lighting",
)
"""Names of the values, in order."""
AESTHETIC_SIZE = len(AESTHETIC_NAMES)

_SECTORS_DEGREES: tuple[tuple[tuple[float, float], ...], ...] = (
    ((0, 18),),
    ((0, 93.6),),
    ((0, 18), (90, 79.2)),
    ((0, 18), (180, 18)),
    ((0, 93.6), (180, 18)),
    ((0, 93.6), (180, 93.6)),
)
"""Matsuda's hue templates i, V, L, I, Y, X as (centre, width); N is grey, T fits half the wheel."""


def aesthetic(planes: Planes, fps: int) -> Floats:
    """Aesthetic values per second, (S, 6)."""
    columns = (
        interesting_content(planes),
        object_emphasis(planes),
        vivid_color(planes),
        depth_of_field(planes),
        color_harmony(planes),
        good_lighting(planes),
    )
    return per_second(np.stack(columns, axis=1), fps)


def interesting_content(planes: Planes) -> Floats:
    """Entropy of the colour histogram, 0 to 1 (image entropy as interest: Gygli et al. 2013)."""
    share = planes.colors
    entropy = -(share * np.log2(share + np.float32(1e-9))).sum(axis=1)
    return np.asarray(np.maximum(entropy / np.log2(share.shape[1]), 0), np.float32)


def object_emphasis(planes: Planes) -> Floats:
    """How far the most salient tenth stands out (centre-surround contrast: Itti et al. 1998)."""
    shown = (planes.lightness, planes.red_green, planes.yellow_blue)
    salience = sum(np.abs(_against_surround(grid_means(plane, 9, 16))) for plane in shown)
    ranked = np.sort(np.asarray(salience), axis=1)
    return np.asarray(ranked[:, -14:].mean(axis=1) - ranked.mean(axis=1))


def vivid_color(planes: Planes) -> Floats:
    """Colourfulness: spread plus 0.3 of the mean of opponent colours (Hasler, Suesstrunk 2003)."""
    opponent = np.stack([planes.red_green, planes.yellow_blue])
    spread = opponent.std(axis=(2, 3))
    mean = opponent.mean(axis=(2, 3))
    return np.asarray(np.hypot(*spread) + 0.3 * np.hypot(*mean), np.float32)


def depth_of_field(planes: Planes) -> Floats:
    """Share of the fine detail that lies in the middle quarter (low depth of field: Datta 2006).

    0.25 where detail is everywhere alike, or nowhere.
    """
    light = planes.lightness
    across, down = np.diff(light, axis=2)[:, 1:], np.diff(light, axis=1)[:, :, 1:]
    energy = grid_means(np.square(across) + np.square(down), 4, 4).reshape(-1, 4, 4)
    floor = np.float32(1e-5)
    middle = energy[:, 1:3, 1:3].sum(axis=(1, 2)) + 4 * floor
    return np.asarray(middle / (energy.sum(axis=(1, 2)) + 16 * floor))


def color_harmony(planes: Planes) -> Floats:
    """Fit of the hues to Matsuda's best template, 1 is perfect (Cohen-Or et al. 2006).

    1 minus the chroma-weighted distance of the hues to the template's sectors, in quarter turns;
    the floor under the weight makes grey pictures harmonious (template N).
    """
    distance = (planes.hues @ _template_distances()).min(axis=1)
    return np.asarray(1 - distance / (planes.hues.sum(axis=1) + np.float32(0.02)))


def good_lighting(planes: Planes) -> Floats:
    """Share of well-exposed pixels (Mertens et al. 2007) times contrast (Ke et al. 2006)."""
    light = planes.lightness
    exposed = np.exp(np.square(light - 0.5) * np.float32(-1 / (2 * 0.2**2))).mean(axis=(1, 2))
    return np.asarray(exposed * np.minimum(4 * light.std(axis=(1, 2)), 1), np.float32)


def _against_surround(cells: Floats) -> Floats:
    """Cells (N, 144) of a 9 x 16 grid less the mean of the 5 x 5 around each."""
    return np.asarray(cells - cells @ _surround())


@cache
def _surround() -> Floats:
    """Matrix (144, 144) whose column c averages the cells within two rows and columns of c."""
    row, column = np.divmod(np.arange(9 * 16), 16)
    near = (abs(row[:, None] - row) <= 2) & (abs(column[:, None] - column) <= 2)
    return np.asarray(near / near.sum(axis=0), np.float32)


@cache
def _template_distances() -> Floats:
    """Distance of each hue to each template at each rotation, in quarter turns, (36, 6 * 36)."""
    hue = (np.arange(HUE_BINS) + 0.5) * 360 / HUE_BINS
    turns = np.arange(HUE_BINS) * 360 / HUE_BINS
    fits = []
    for sectors in _SECTORS_DEGREES:
        gaps = [
            np.maximum(_apart(hue[:, None], turns + centre) - width / 2, 0)
            for centre, width in sectors
        ]
        fits.append(np.minimum.reduce(gaps) / 90)
    return np.hstack(fits).astype(np.float32)


def _apart(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Angle between two hues in degrees, 0 to 180."""
    return abs((first - second + 180) % 360 - 180)
