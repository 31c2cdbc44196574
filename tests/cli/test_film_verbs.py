"""`otio-hpm film`: what is seen, for people and for programs, and encoders as parts of a model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from coded_media import write_movie
from marked_film import make_film
from tiny_encoders import bare_model, save_clip, save_cten, save_tavar

from otio_hpm.__main__ import main
from otio_hpm.film.descriptors import DESCRIPTOR_NAMES, describe
from otio_hpm.film.frames import read_frames
from otio_hpm.film.reel import reel_of


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def movie(tmp_path: Path) -> Path:
    path = tmp_path / "roll.mp4"
    write_movie(path, 24 * 12)
    return path


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_every_second_of_a_movie_is_told(movie: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["film", "watch", str(movie), "--json"]) == 0
    seconds = [json.loads(line) for line in lines(capsys)]
    assert [second["start_s"] for second in seconds] == [str(n) for n in range(12)]
    reel = reel_of(movie)
    rows = describe(read_frames(reel.picture, 0, reel.frames, reel.rate)).stacked()
    for second, row in zip(seconds[:9], rows, strict=False):
        measured = dict(zip(DESCRIPTOR_NAMES, row.tolist(), strict=True))
        for name in ("valence", "arousal"):
            assert second[name] == pytest.approx(measured[name], abs=0.25)
        assert second["measured"]["lightness_11"] == pytest.approx(measured["lightness_11"])
        assert second["published"] is None


def test_a_person_reads_a_line_a_second(movie: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["film", "watch", str(movie), "--start", "2.5", "--end", "5"]) == 0
    heading, *rows = lines(capsys)
    assert heading.split() == ["time", "valence", "arousal", "light", "motion", "cuts"]
    assert [row.split()[0] for row in rows] == ["0:02.50", "0:03.50", "0:04.50"]
    assert all(0 <= float(row.split()[3]) <= 1 for row in rows)


def test_a_cut_between_two_stretches_is_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "two shots.mp4"
    two_shots(path, cut_s=10, seconds=13)
    assert main(["film", "watch", str(path), "--json"]) == 0
    cuts = [json.loads(line)["cuts"] for line in lines(capsys)]
    assert [second for second, found in enumerate(cuts) if found > 0.5] == [10]


def two_shots(path: Path, cut_s: int, seconds: int) -> None:
    """A dark shot with a bright bar, then a bright one with a dark bar."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for number in range(24 * seconds):
            late = number >= 24 * cut_s
            image = np.full((36, 64, 3), 210 if late else 30, np.uint8)
            image[10:20, (40 if late else 8) :][:, :12] = 20 if late else 220
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def test_encoders_are_added_and_seen_with(
    movie: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    model = bare_model(tmp_path / "models" / "ours")
    monkeypatch.setenv("OTIO_HPM_MODELS", str(tmp_path / "models"))
    named = {"clip": "ours", "tavar": str(model), "cten": str(model)}
    sources = {
        "clip": save_clip(tmp_path / "clip"),
        "tavar": save_tavar(tmp_path / "TAVAR_weight.pt"),
        "cten": save_cten(tmp_path / "save.pth"),
    }
    for encoder, source in sources.items():
        assert main(["film", "convert", encoder, str(source), "-o", named[encoder]]) == 0
        assert encoder in capsys.readouterr().out
    options = ["--model", str(model), "--device", "cpu", "--end", "2"]
    assert main(["film", "watch", str(movie), *options]) == 0
    heading, *rows = lines(capsys)
    assert heading.split()[-3:] == ["change", "score", "emotion"]
    assert len(rows) == 2
    assert rows[0].split()[6] == "-"
    assert float(rows[1].split()[6]) >= 0
    assert main(["film", "watch", str(movie), *options, "--json", "--without", "emotion"]) == 0
    second = json.loads(lines(capsys)[1])["published"]
    assert len(second["semantic"]) == 16
    assert next(iter(second["aesthetic"])) == "aesthetic_score"
    assert second["emotion"] == {}


def test_spot_says_what_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cut = str(make_film(tmp_path))
    assert main(["spot", cut, "--model", "debug", "--without", "emotion"]) == 0
    assert "guidance 6, without emotion" in capsys.readouterr().out
    assert main(["spot", cut, "--model", "debug"]) == 0
    assert "without" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["film", "watch", "gone.mov"], 5),
        (["film", "watch", "{movie}", "--start", "60"], 2),
        (["film", "watch", "{movie}", "--model", "nowhere"], 8),
        (["film", "convert", "tavar", "gone.pt", "-o", "{tmp}/bare"], 8),
        (["film", "convert", "clip", "{tmp}", "-o", "{tmp}"], 8),
        (["film", "convert", "clip", "{tmp}", "-o", "nowhere"], 8),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    arguments: list[str], code: int, movie: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    bare_model(tmp_path / "bare")
    filled = [text.format(movie=movie, tmp=tmp_path) for text in arguments]
    assert main(filled) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Traceback" not in printed.err
    assert printed.err.strip()
