"""Whether music follows a melody."""

from __future__ import annotations

from otio_hpm.music.controls import Controls


def melody_accuracy(heard: Controls, wanted: Controls) -> float:
    """Share of the wanted melody's frames on its pitch class, 0 to 1.

    Music ControlNet (Wu et al. 2023), section 4.3; the paper's appendix D.3. Twelve pitch classes
    give 1/12 by chance, more where both keep to few of them. nan where no melody is wanted.
    """
    there = (wanted.melody >= 0) & wanted.melody_present
    return float((heard.melody == wanted.melody)[there].mean()) if there.any() else float("nan")
