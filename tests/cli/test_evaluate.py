"""`otio-hpm evaluate` from end to end: folders of others, and the debug model on composed pairs."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from otio_hpm.__main__ import main
from otio_hpm.dataset.clip import ClipEntry, Facts
from otio_hpm.dataset.index import FORMAT, INDEX, SUMMARY, checksum_of
from otio_hpm.dataset.picture_codec import encode_picture
from otio_hpm.dataset.sound_codec import encode_sound
from otio_hpm.dataset.writer import Writer
from otio_hpm.evaluation.networks.vggish import Vggish
from otio_hpm.evaluation.tables import features, run
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.request import CueRequest

RATE = 48_000
BEGINS_S = ((0.2, 2.2), (1.2, 3.2), (0.2, 1.2), (2.2,))


def music(begins_s: tuple[float, ...], hz: float, seconds: float = 4.0) -> NDArray[np.float32]:
    """Notes of one pitch that begin at once and ring out."""
    time = np.arange(round(seconds * RATE)) / RATE
    sound = np.zeros(len(time))
    for begin in begins_s:
        after = np.maximum(time - begin, 0)
        sound += (time >= begin) * np.exp(-after / 0.2) * np.sin(2 * np.pi * hz * after)
    return (0.3 * sound).astype(np.float32)


def evaluate(folder: Path, reference: str | Path, *more: str) -> int:
    return main(["evaluate", str(reference), "--model", "debug", "--steps", "1",
                 "--device", "cpu", "-o", str(folder), *more])  # fmt: skip


def document(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "table.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module", autouse=True)
def undrawn() -> Iterator[None]:
    """Figures take longer than all else here; the tests that look at them draw."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "can_draw", lambda: False)
        yield


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four clips, each with a style an octave and a fifth above, and a note that is no audio."""
    folder = tmp_path_factory.mktemp("clips")
    for number, begins in enumerate(BEGINS_S):
        soundfile.write(folder / f"clip{number}.wav", music(begins, 440.0), RATE)
        soundfile.write(folder / f"clip{number}.style.wav", music(begins, 660.0), RATE)
    (folder / "notes.txt").write_text("no audio", "utf-8")
    return folder


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A system that copies the truth at another rate, in stereo, longer; one clip is missing."""
    folder = tmp_path_factory.mktemp("theirs")
    for number, begins in enumerate(BEGINS_S[:3]):
        sound = music(begins, 440.0, 5.0)[::2]
        soundfile.write(folder / f"clip{number}.flac", np.stack([sound, sound], 1), RATE // 2)
    return folder


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory, clips: Path, theirs: Path) -> Path:
    folder = tmp_path_factory.mktemp("compared")
    named = ("--system", f"their_music={theirs}", "--measures", "rhythm,control,levels")
    assert evaluate(folder, clips, *named) == 0
    return folder


def test_a_copy_of_the_truth_measures_as_the_truth(compared: Path) -> None:
    figures = document(compared)["systems"]["their_music"]["figures"]
    assert figures["BCS"]["value"] == figures["BHS"]["value"] == figures["F1"]["value"] == 1
    assert figures["CSD"]["value"] == 0
    assert figures["loudness difference"]["value"] == pytest.approx(0, abs=0.2)
    assert figures["dynamics micro"]["value"] > 0.9
    assert figures["melody accuracy"]["value"] < 0.2  # A where the style has E


def test_the_style_follows_itself_and_silence_follows_nothing(compared: Path) -> None:
    systems = document(compared)["systems"]
    followed = systems["maestro"]["figures"]
    assert followed["melody accuracy"]["value"] == 1
    assert followed["dynamics macro"]["value"] == pytest.approx(1)
    assert systems["silence"]["figures"]["BHS"]["value"] == 0
    assert systems["silence"]["figures"]["dynamics micro"]["value"] == 0


def test_shuffled_pairs_are_held_against_the_reference_two_further_on(compared: Path) -> None:
    truth = document(compared)["systems"]["truth"]
    # seconds 0 2, 1 3, 0 1, 2 against 0 1, 2, 0 2, 1 3
    assert list(truth["shuffled"]["BCS"]["clips"].values()) == [0.5, 0, 0.5, 0]
    assert truth["shuffled"]["BCS"]["value"] == 0.25
    assert "loudness difference" not in truth["shuffled"]


def test_what_is_missing_is_told_and_not_measured(compared: Path) -> None:
    system = document(compared)["systems"]["their_music"]
    assert system["missing"] == ["clip3"]
    assert list(system["figures"]["BCS"]["clips"]) == ["clip0", "clip1", "clip2"]
    text = (compared / "table.md").read_text("utf-8")
    assert "their_music has no music for 1 of 4 clips: clip3" in text


def test_all_documents_tell_the_same(compared: Path) -> None:
    rows = list(csv.DictReader((compared / "table.csv").open(encoding="utf-8")))
    own = {row["system"]: row for row in rows if row["pairs"] == "own"}
    systems = document(compared)["systems"]
    assert list(own) == list(systems)
    for name, system in systems.items():
        f1 = system["figures"]["F1"]
        assert [float(own[name][f"F1{end}"]) for end in ("", " low", " high")] == [
            f1["value"], f1["low"], f1["high"],
        ]  # fmt: skip
        assert f1["low"] <= f1["value"] <= f1["high"]
    latex = (compared / "table.tex").read_text("utf-8")
    assert r"their\_music & $1$ {\scriptsize $[1, 1]$}" in latex


def test_one_more_system_computes_only_its_own(
    compared: Path, clips: Path, theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = []
    real = features.seconds_with_onsets
    monkeypatch.setattr(
        features, "seconds_with_onsets", lambda *given: heard.append(1) or real(*given)
    )
    other = compared / "other"
    other.mkdir()
    soundfile.write(other / "clip1.wav", music((0.2,), 440.0), RATE)
    named = ("--system", f"their_music={theirs}", "--system", f"other={other}")
    assert evaluate(compared, clips, *named, "--measures", "rhythm") == 0
    assert len(heard) == 1


def test_what_the_paper_prints_stands_below_and_is_said_to_be_of_other_data(
    tmp_path: Path, clips: Path
) -> None:
    assert evaluate(tmp_path, clips, "--table", "3") == 0
    text = (tmp_path / "table.md").read_text("utf-8")
    assert "not to be ranked with the figures above" in text
    assert "| HPM, both | 0.577 | 0.645 | 0.872 | 6.1 | 5.6 | 7.9 |" in text
    assert "Table 2" not in text
    latex = (tmp_path / "table.tex").read_text("utf-8")
    assert latex.count(r"\begin{tabular}") == latex.count(r"\end{tabular}") == 3


def test_figures_are_drawn_of_the_clips_that_are_named(
    tmp_path: Path, clips: Path, theirs: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(run, "can_draw", lambda: True)
    named = ("--system", f"theirs={theirs}", "--measures", "levels")
    assert evaluate(tmp_path, clips, *named, "--clip", "clip1", "--clip", "clip3") == 0
    drawn = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert drawn == [f"figure-4-clip{n}.{kind}" for n in (1, 3) for kind in ("png", "svg")]
    texts = [(tmp_path / "figures" / f"figure-4-clip{n}.svg").read_text("utf-8") for n in (1, 3)]
    assert [">theirs<" in text for text in texts] == [True, False]  # which it has no music for
    assert evaluate(tmp_path, clips, *named, "--clip", "clip9") == 2
    assert "'clip9' is no clip" in capsys.readouterr().err


def test_networks_are_heard_only_where_their_weights_are_named(
    tmp_path: Path, clips: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.manual_seed(0)
    network = Vggish(width=4, hidden=16, size=3)
    drawn = {n: torch.randn_like(w) * w[0].numel() ** -0.5 for n, w in network.state_dict().items()}
    save_file(drawn, tmp_path / "vggish.safetensors")  # as drawn by torch, all sound is one to it
    weights = ("--vggish", str(tmp_path / "vggish.safetensors"))
    assert evaluate(tmp_path / "out", clips, "--measures", "fad", *weights) == 0
    found = document(tmp_path / "out")
    assert len(found["facts"]["weights of vggish"]) == 64
    systems = found["systems"]
    assert systems["truth"]["figures"]["FAD"]["value"] == pytest.approx(0, abs=1e-6)
    assert systems["noise"]["figures"]["FAD"]["value"] > 0
    assert evaluate(tmp_path / "out", clips, "--measures", "kl", *weights) == 2
    assert "kl is measured by cnn14" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("named", "code", "words"),
    [
        (("--measures", "beauty"), 2, "'beauty' is no measure"),
        (("--system", "truth=."), 2, "'truth' cannot name a system"),
        (("--system", "nobody"), 2, "'nobody' is no system"),
        (("--system", "hpm"), 2, "hpm has no picture to see"),
        (("--system", "a=/nowhere/at/all"), 5, "/nowhere/at/all cannot be read"),
    ],
)
def test_wrong_usage_is_named(
    named: tuple[str, ...], code: int, words: str, clips: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert evaluate(tmp_path, clips, "--measures", "rhythm", *named) == code
    assert words in capsys.readouterr().err


def test_damaged_sound_is_named(
    tmp_path: Path, clips: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "clip0.wav").write_bytes(b"no sound")
    named = ("--system", f"bad={tmp_path}", "--measures", "in-tune")
    assert evaluate(tmp_path / "out", clips, *named) == 5
    assert "clip0.wav cannot be read as audio" in capsys.readouterr().err


@pytest.mark.usefixtures("soundfonts")
def test_a_quick_run_takes_sixteen_clips(tmp_path: Path) -> None:
    named = ("--system", "hpm", "--system", "round-trip", "--table", "2", "--quick")
    assert evaluate(tmp_path, "composed:128", *named) == 0
    found = document(tmp_path)
    assert found["facts"]["clips"] == len(found["seeds"]) == 16
    for name in ("hpm", "round-trip"):
        values = found["systems"][name]["figures"]["BHS"]["clips"]
        assert list(values) == list(found["seeds"])
        assert all(0 <= value <= 1 for value in values.values())
    # One step of a model of random weights has no better rhythm than music of another pair.
    assert figure(found, "hpm", "F1") < figure(found, "maestro", "F1") < 1


def figure(found: dict[str, Any], system: str, name: str) -> float:
    value: float = found["systems"][system]["figures"][name]["value"]
    return value


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[CueRequest]:
    """What the model is asked for, in whose place some music is given."""
    requests: list[CueRequest] = []

    def generate(pipeline: HpmPipeline, request: CueRequest) -> NDArray[np.float32]:
        requests.append(request)
        return music((0.2,), 440.0, request.samples / RATE)

    monkeypatch.setattr(HpmPipeline, "generate", generate)
    return requests


@pytest.mark.usefixtures("soundfonts")
def test_the_model_is_told_of_every_subset_of_features_once(
    tmp_path: Path, asked: list[CueRequest]
) -> None:
    for _ in range(2):
        assert evaluate(tmp_path, "composed:2", "--table", "4") == 0
    told = [(request.model.without, request.seed) for request in asked]
    assert sorted(seed for without, seed in told if not without) == [0, 1]
    assert len(told) == len(set(told)) == 14
    found = document(tmp_path)
    assert found["facts"]["reference"] == "composed:2"
    assert "hpm:without=semantic+emotion" in found["systems"]
    assert "FAD, FAD-inf: not measured, since no --vggish was named" in found["remarks"]


@pytest.mark.usefixtures("soundfonts")
def test_what_follows_takes_the_model_s_own_steps(tmp_path: Path, asked: list[CueRequest]) -> None:
    arguments = ("--system", "hpm", "--system", "hpm:style=none", "--measures", "levels")
    assert main(["evaluate", "composed:2", "--model", "debug", "--device", "cpu", "--table", "3",
                 "-o", str(tmp_path), *arguments]) == 0  # fmt: skip
    assert [request.model.steps for request in asked] == [5, 5, 20, 20]
    assert document(tmp_path)["facts"]["steps"] == 5


def test_the_model_scores_clips_whose_movies_are_beside_them(
    tmp_path: Path, media: Callable[[str], Path], asked: list[CueRequest]
) -> None:
    for number in range(3):
        soundfile.write(tmp_path / f"clip{number}.wav", music((0.2,), 440.0, 12.0), RATE)
    for number, movie in enumerate(("run_2997.mp4", "big_buck_bunny_0_30.webm")):
        source = media(movie)
        (tmp_path / f"clip{number}{source.suffix}").symlink_to(source)
    out = tmp_path / "out"
    assert evaluate(out, tmp_path, "--system", "hpm", "--measures", "levels") == 0
    assert [request.samples for request in asked] == [12 * RATE, 12 * RATE]
    assert [request.frames.shape for request in asked] == [(120, 36, 64, 3)] * 2
    assert not np.array_equal(asked[0].frames, asked[1].frames)
    assert [request.seed for request in asked] == [0, 1]
    found = document(out)
    assert found["systems"]["hpm"]["missing"] == ["clip2"]
    assert found["seeds"] == {"clip0": 0, "clip1": 1, "clip2": 2}


def test_a_run_that_is_killed_goes_on_where_it_was(
    tmp_path: Path, asked: list[CueRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    movie = encode_picture(np.zeros((300, 24, 32, 3), np.uint8))
    for number in range(3):
        soundfile.write(tmp_path / f"clip{number}.wav", music((0.2,), 440.0), RATE)
        (tmp_path / f"clip{number}.mp4").write_bytes(movie)
    whole = HpmPipeline.generate

    def killed(pipeline: HpmPipeline, request: CueRequest) -> NDArray[np.float32]:
        if len(asked) == 1:
            raise KeyboardInterrupt
        return whole(pipeline, request)

    named = (tmp_path / "out", tmp_path, "--system", "hpm", "--measures", "rhythm")
    with monkeypatch.context() as patch:
        patch.setattr(HpmPipeline, "generate", killed)
        assert evaluate(*named) == 130
    assert "truth" in document(tmp_path / "out")["systems"]
    assert evaluate(*named) == 0
    assert [request.seed for request in asked] == [0, 1, 2]
    assert len(document(tmp_path / "out")["systems"]["hpm"]["figures"]["BCS"]["clips"]) == 3


def test_the_test_split_of_a_dataset_is_compared(
    tmp_path: Path, asked: list[CueRequest]
) -> None:
    films = ["dawn", "dawn", "dusk", "noon"]
    picture = encode_picture(np.zeros((300, 24, 32, 3), np.uint8))
    (tmp_path / "data").mkdir()
    with Writer(tmp_path / "data", shard_bytes=1 << 20) as writer:
        for number, film in enumerate(films):
            entry = ClipEntry(
                number=number, split="train" if film == "noon" else "test", likeness="00",
                facts=Facts(film=film), source="a.mov", start_s=Fraction(0), samples=480_000,
                frames=300, shard="", members={},
            )  # fmt: skip
            writer.keep(entry, encode_sound(music((0.2,), 220.0 * (1 + number), 10.0)), picture)
        writer.finish()
    checksum = checksum_of(tmp_path / "data" / INDEX)
    summary = {"format": FORMAT, "index_sha256": checksum}
    (tmp_path / "data" / SUMMARY).write_text(json.dumps(summary))
    assert evaluate(tmp_path / "out", tmp_path / "data", "--system", "hpm",
                    "--measures", "control", "--style", "maestro") == 0  # fmt: skip
    found = document(tmp_path / "out")
    assert found["facts"]["dataset"] == checksum
    assert list(found["seeds"]) == ["000000000", "000000001", "000000002"]
    assert [request.samples for request in asked] == [480_000] * 3
    # What is followed is of another film: both clips of dawn follow dusk, which follows dawn.
    first, second, third = (request.controls for request in asked)
    assert first is not None and second is not None and third is not None
    assert np.array_equal(first.melody, second.melody)
    assert not np.array_equal(first.melody, third.melody)
