"""What importing the package costs, and that OpenTimelineIO finds its plugin."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "librosa", "av", "diffusers", "transformers", "opentimelineio", "numpy", "scipy")
LIGHT = (
    "otio_hpm",
    "otio_hpm.errors",
    "otio_hpm.settings",
    "otio_hpm.timing",
    "otio_hpm.timeline.cut",
    "otio_hpm.timeline.cue",
    "otio_hpm.timeline.exact",
    "otio_hpm.timeline.reading",
)


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("module", LIGHT)
def test_importing_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print([m for m in {HEAVY} if m in sys.modules])"
    assert _run(code) == "[]"


def test_public_names_are_loaded_when_used() -> None:
    code = "import otio_hpm, sys; print(otio_hpm.Settings().music.style, 'torch' in sys.modules)"
    assert _run(code) == "auto False"


def test_an_unknown_public_name_is_an_attribute_error() -> None:
    import otio_hpm

    with pytest.raises(AttributeError, match="nothing_here"):
        _ = otio_hpm.nothing_here


def test_the_plugin_registers_through_its_entry_point() -> None:
    code = (
        "import importlib.resources as r, opentimelineio as o;"
        "m = o.plugins.ActiveManifest();"
        "ours = str(r.files('otio_hpm.adapters') / 'plugin_manifest.json');"
        "print(ours in m.source_files, 'cmx_3600' in [a.name for a in m.adapters])"
    )
    assert _run(code) == "True True"


@pytest.mark.parametrize(
    "own, wanted",
    [({}, "5000"), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "PASSIVE"}, "None")],
)
def test_threads_wait_as_the_user_says_else_without_spinning_long(
    own: dict[str, str], wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    assert _run("import os, otio_hpm; print(os.environ.get('GOMP_SPINCOUNT'))") == wanted
