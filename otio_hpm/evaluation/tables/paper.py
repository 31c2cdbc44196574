"""What the paper prints in its Tables 2 to 4, to be read beside ours: it is of other data.

All figures are as printed, in percent where the paper has percent; its F1 is none of the means that
it could be (see `rhythm.rhythm_scores`), and Table 4's two parts are named (a) and (b) as there.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A part of one of the paper's tables."""

    caption: str
    columns: tuple[str, ...]
    """Names as our columns have them, where they are of the same measure."""
    rows: tuple[tuple[str, tuple[float, ...]], ...]
    """System, and a figure for each column."""


PERCENT = frozenset((
    "BCS", "BHS", "F1", "CSD", "HSD", "melody accuracy", "dynamics micro", "dynamics macro",
))  # fmt: skip
"""Columns that the paper prints in percent, and we as shares."""

_OF_TABLE_2 = ("BCS", "BHS", "F1", "IS", "KL", "FAD", "CSD", "HSD", "MOS")
_OF_TABLE_3 = ("melody accuracy", "dynamics micro", "dynamics macro", "IS", "KL", "FAD")

PRINTED: dict[str, tuple[Printed, ...]] = {
    "2": (
        Printed(
            caption="Table 2, FilmScoreDB", columns=_OF_TABLE_2,
            rows=(
                ("D2M-GAN", (60.1, 61.1, 62.2, 1.3, 5.5, 14.3, 24.1, 25.7, 2.9)),
                ("CDCD", (57.2, 60, 61.1, 1.6, 8.6, 15.6, 22.4, 23.8, 2.7)),
                ("Tango-VM", (62.1, 57.3, 61.4, 3.7, 6.7, 10.8, 25.4, 22.5, 3.3)),
                ("LORIS", (58.3, 50.1, 60.3, 4.0, 5.7, 7.5, 20.4, 22.3, 3.1)),
                ("DIFF-Foley", (64.2, 59.7, 61.6, 3.3, 5.4, 8.3, 19.1, 18.7, 3.4)),
                ("HPM", (66.7, 62.2, 64.4, 4.4, 5.3, 7.1, 18, 16.2, 3.9)),
            ),
        ),
        Printed(
            caption="Table 2, EmoMV", columns=_OF_TABLE_2,
            rows=(
                ("D2M-GAN", (62.4, 63.2, 65.4, 1.8, 5.2, 12.1, 22.5, 23.2, 3.3)),
                ("CDCD", (59.3, 62.6, 63.2, 1.9, 7.3, 13.7, 21.3, 20.9, 3.1)),
                ("Tango-VM", (64.5, 59.4, 63.7, 4.3, 5.9, 8.7, 23.5, 20.3, 3.6)),
                ("LORIS", (59.5, 52.3, 63.8, 4.5, 5.4, 7.5, 19.3, 20.6, 3.0)),
                ("DIFF-Foley", (67.1, 60.2, 64.4, 3.7, 5.6, 9.4, 18.2, 17.5, 3.5)),
                ("HPM", (70.1, 64.3, 66.2, 5.2, 4.9, 7, 16.7, 15.6, 3.8)),
            ),
        ),
    ),
    "3": (
        Printed(
            caption="Table 3, FilmScoreDB", columns=_OF_TABLE_3,
            rows=(
                ("DITTO, melody only", (51.3, 1.7, 3.2, 4.8, 4.2, 6.1)),
                ("HPM, melody only", (57.6, 2.8, 3.9, 5.8, 5.4, 7.4)),
                ("DITTO, dynamics only", (4.5, 54.3, 79.3, 5.1, 4.5, 5.9)),
                ("HPM, dynamics only", (8.4, 60.3, 84.7, 5.4, 5.3, 7.2)),
                ("DITTO, both", (52.3, 61.7, 82.4, 5.4, 4.8, 6.7)),
                ("HPM, both", (57.7, 64.5, 87.2, 6.1, 5.6, 7.9)),
            ),
        ),
        Printed(
            caption="Table 3, EmoMV", columns=_OF_TABLE_3,
            rows=(
                ("DITTO, melody only", (52.5, 2.4, 5.2, 5.3, 4.7, 6.8)),
                ("HPM, melody only", (58.2, 3.6, 5.1, 6.4, 5.2, 7.9)),
                ("DITTO, dynamics only", (4.8, 55.3, 79.9, 5.7, 5.3, 6.4)),
                ("HPM, dynamics only", (9.6, 63.4, 86.8, 6.2, 5.4, 7.7)),
                ("DITTO, both", (53.4, 62.5, 83.4, 6, 5.4, 7.2)),
                ("HPM, both", (58.6, 66.3, 89.1, 6.7, 5.6, 8.3)),
            ),
        ),
    ),
    "4": (
        Printed(
            caption="Table 4 (a), LoRA, FilmScoreDB",
            columns=("melody accuracy", "dynamics micro", "dynamics macro"),
            rows=(
                ("HPM without LoRA, 87 M trained in 48 h", (57.7, 64.5, 87.2)),
                ("HPM with LoRA, 20 M trained in 12 h", (57.3, 64.7, 87.6)),
            ),
        ),
        Printed(
            caption="Table 4 (b), film encoder, FilmScoreDB",
            columns=("IS", "KL", "FAD", "CSD", "HSD"),
            rows=(
                ("HPM with semantic, aesthetic", (4.6, 5.5, 7.3, 18.1, 16.1)),
                ("HPM with aesthetic, emotion", (4.5, 5.4, 7.2, 17.9, 16.0)),
                ("HPM with emotion, semantic", (4.5, 5.4, 7.2, 18.0, 16.1)),
                ("HPM with semantic", (4.5, 5.4, 7.2, 17.8, 16.0)),
                ("HPM with emotion", (4.6, 5.5, 7.3, 18.0, 16.1)),
                ("HPM with aesthetic", (4.7, 5.6, 7.4, 18.3, 16.2)),
                ("HPM", (4.4, 5.3, 7.1, 18, 16.2)),
            ),
        ),
    ),
}
"""By the number of the table."""
