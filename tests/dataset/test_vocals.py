"""Dialogue is taken out by Demucs itself, here with random weights, and only where it is asked."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch

from otio_hpm.dataset.vocals import accompaniment, load_demucs
from otio_hpm.errors import ModelError

SECONDS = 1


class Parted:
    """A separator by its contract: stems that sum to what was heard, at 44.1 kHz."""

    samplerate = 44_100

    def separate_tensor(self, wav: torch.Tensor, sr: int) -> tuple[torch.Tensor, dict[str, Any]]:
        assert (sr, wav.dtype, wav.shape) == (44_100, torch.float32, (2, 44_100 * SECONDS))
        shares = {"drums": 0.1, "bass": 0.2, "other": 0.3, "vocals": 0.4}
        return wav, {name: wav * share for name, share in shares.items()}


def tone() -> np.ndarray:
    time = np.arange(48_000 * SECONDS) / 48_000
    return np.float32([np.sin(2 * np.pi * 300 * time) / 2, np.sin(2 * np.pi * 500 * time) / 2])


def test_all_stems_but_the_vocals_are_kept() -> None:
    kept = accompaniment(Parted(), tone())
    assert kept.shape == tone().shape
    assert np.abs(kept - 0.6 * tone())[:, 200:-200].max() < 1e-3


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The real library with a small model of its own kind in place of the published weights."""
    pytest.importorskip("demucs", reason="the extra demucs is not installed")
    import demucs.api
    from demucs.htdemucs import HTDemucs

    torch.manual_seed(0)
    model = HTDemucs(
        ["drums", "bass", "other", "vocals"], channels=8, depth=4, t_layers=1, t_heads=2,
        bottom_channels=8, nfft=4096, segment=2,
    ).eval()  # fmt: skip
    asked: list[str] = []
    monkeypatch.setattr(demucs.api, "get_model", lambda name, repo: asked.append(name) or model)
    return asked


def test_demucs_itself_gives_the_same_each_time(tiny: list[str]) -> None:
    remover = load_demucs("cpu")
    first, again = remover(tone()), remover(tone())
    assert tiny == ["htdemucs"]
    assert first.shape == tone().shape
    assert first.dtype == np.float32
    assert np.array_equal(first, again)
    assert np.isfinite(first).all()


def test_weights_that_cannot_be_had_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    api = pytest.importorskip("demucs.api", reason="the extra demucs is not installed")

    def unreachable(name: str, repo: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(api, "get_model", unreachable)
    with pytest.raises(ModelError, match=r"weights of Demucs \(htdemucs\) cannot") as told:
        load_demucs()
    assert "--keep-dialogue" in told.value.hint


def test_without_demucs_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "demucs.api", None)
    with pytest.raises(ModelError, match="is not installed") as told:
        load_demucs()
    assert "pip install otio-hpm[demucs]" in told.value.hint


def test_demucs_is_not_loaded_unless_asked() -> None:
    code = (
        "import sys, otio_hpm.dataset.build, otio_hpm.dataset.reader, otio_hpm.dataset.inputs\n"
        "print([name for name in ('demucs', 'torch', 'sphn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
