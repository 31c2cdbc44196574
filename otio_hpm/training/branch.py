"""The S-Control branch that a run has, or a new one of the base that it has trained."""

from __future__ import annotations

from otio_hpm.model.hpm import Hpm
from otio_hpm.model.s_control import SControl
from otio_hpm.training.run import Run, has_trained, restore


def take_branch(run: Run, model: Hpm) -> None:
    """Give a model that has the run's base the run's branch, or a new one of its base.

    A branch that is silent was copied from the base as it was before this run trained it.
    """
    model.branch_from_base()
    if run.part("s_control").exists():
        restore(model.s_control, run.part("s_control"))
        if _is_silent(model.s_control) and has_trained(run, "vm_unet"):
            model.branch_from_base()


def _is_silent(branch: SControl) -> bool:
    """Whether nothing leads out of a branch yet."""
    ways_out = (*branch.zeros.parameters(), *branch.zero_middle.parameters())
    return not any(bool(parameter.any()) for parameter in ways_out)
