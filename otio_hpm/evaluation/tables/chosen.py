"""Which systems a table compares: floors and ceilings, what is named, what the table adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from otio_hpm.errors import SettingsError
from otio_hpm.evaluation.tables.generator import Generator
from otio_hpm.evaluation.tables.made_by_model import model_system, round_trip_system
from otio_hpm.evaluation.tables.naming import Followed, Named, named
from otio_hpm.evaluation.tables.reference import Reference
from otio_hpm.evaluation.tables.systems import System, bounds, folder_system

_OF_TABLES = {
    "4": ("hpm", "hpm:without=emotion", "hpm:without=semantic", "hpm:without=aesthetic",
          "hpm:without=aesthetic+emotion", "hpm:without=semantic+aesthetic",
          "hpm:without=semantic+emotion"),
}  # fmt: skip
"""Systems of the paper's tables, by number; in Table 4b's order."""


def chosen_systems(
    names: Sequence[str], table: str | None, style: Followed, reference: Reference,
    generator: Callable[[], Generator],
) -> list[System]:  # fmt: skip
    """Bounds, then what is named, in its order, then what the table adds.

    Models follow `style` where their names say none; the generator is asked for where one of them
    is named. Raises SettingsError, and MediaError and ModelError as systems do.
    """
    systems = bounds(reference)
    added = (name for name in _OF_TABLES.get(table or "", ()) if name not in names)
    for wanted in map(named, (*names, *added)):
        if wanted.name in (system.name for system in systems):
            raise SettingsError(f"{wanted.name!r} cannot name a system: it is taken")
        systems.append(_system(wanted, style, reference, generator))
    return systems


def _system(
    wanted: Named, style: Followed, reference: Reference, generator: Callable[[], Generator]
) -> System:
    if wanted.folder is not None:
        return folder_system(wanted.name, wanted.folder, reference)
    if wanted.maker == "round-trip":
        return round_trip_system(generator())
    if not reference.pictured:
        raise SettingsError(
            f"{wanted.name} has no picture to see: no clip of {reference.name} has one",
            hint="Put NAME.mp4 beside NAME.wav, or name a folder of what the model has made: "
            "--system NAME=FOLDER.",
        )
    return model_system(generator(), wanted, style)
