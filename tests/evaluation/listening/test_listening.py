"""A listening test: what its page tells, which answers are taken, and what they come to."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from otio_hpm.errors import DatasetError, MediaError, OutputError, SettingsError
from otio_hpm.evaluation.degradations import low_passed
from otio_hpm.evaluation.listening.answers import Rating, read_ratings
from otio_hpm.evaluation.listening.key import Key, read_key
from otio_hpm.evaluation.listening.opinion import opinions, preferences
from otio_hpm.evaluation.listening.page import ListeningTest, make_listening_test
from otio_hpm.evaluation.listening.results import read_results
from otio_hpm.music.loudness import measure

RATE, SEED = 48_000, 918_273_645
CLIPS = ("dawn", "pursuit")
TITLE = 'A </script><b>"test"'


def tone(hz: float, seconds: float, level: float = 0.3) -> NDArray[np.float32]:
    time = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(level * np.sin(2 * np.pi * hz * time), np.float32)


class Page(HTMLParser):
    """What a page holds: its data, its inputs, and everything that it would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.inputs: list[tuple[str, str]] = []
        self.tags: list[str] = []
        self.loaded: list[str] = []
        self._json = ""
        self._in_data = False
        self.feed(text)
        self.data: dict[str, Any] = json.loads(self._json)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags.append(tag)
        self.loaded += [f"{told[name]}" for name in ("src", "href", "action") if name in told]
        if tag == "input" and told["type"] == "radio":
            self.inputs.append((f"{told['name']}", f"{told['value']}"))
        self._in_data = told.get("id") == "data"

    def handle_data(self, data: str) -> None:
        if self._in_data:
            self._json += data

    def handle_endtag(self, tag: str) -> None:
        self._in_data = False


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two clips of a reference and of two systems, unlike in level, rate and length."""
    root = tmp_path_factory.mktemp("music")
    noise = 0.1 * np.random.default_rng(0).standard_normal((16_000, 2))
    for name, sound, rate in (
        ("truth", tone(440, 1.0, 0.5), RATE),
        ("ours", tone(330, 1.04, 0.01), RATE),
        ("theirs", noise, 16_000),
    ):
        (root / name).mkdir()
        for clip in CLIPS:
            soundfile.write(root / name / f"{clip}.wav", sound, rate)
    return root


def made(folders: Path, folder: Path, **options: Any) -> ListeningTest:
    systems = {name: folders / name for name in ("ours", "theirs")}
    return make_listening_test(folder, folders / "truth", systems, **{"seed": SEED} | options)


@pytest.fixture(scope="module")
def asked(folders: Path, tmp_path_factory: pytest.TempPathFactory) -> ListeningTest:
    return made(folders, tmp_path_factory.mktemp("page") / "page", title=TITLE, listeners=6)


def test_a_page_is_blind(asked: ListeningTest) -> None:
    text, key = asked.page.read_text("utf-8"), read_key(asked.key)
    files = [path for path in asked.page.parent.rglob("*") if path.is_file()]
    assert {path.stem for path in files} == {"index", *key.pieces}
    assert len(key.pieces) == asked.pieces == len(CLIPS) * 4
    hidden = ("ours", "theirs", "truth", "reference", "anchor", str(key.seed), *CLIPS)
    assert not any(word in str(path.name) for word in hidden for path in files)
    visible = text.replace(TITLE, "")
    assert not any(re.search(rf"\b{word}\b", visible) for word in hidden)
    assert asked.key.parent == asked.page.parent.parent  # listeners get the folder, not the key


def test_a_title_stands_as_text_and_nothing_is_loaded_from_elsewhere(asked: ListeningTest) -> None:
    text = asked.page.read_text("utf-8")
    page = Page(text)
    assert "A &lt;/script&gt;&lt;b&gt;&#34;test&#34;" in text
    assert "b" not in page.tags
    assert page.loaded == []
    assert not re.search(r"https?:|//[a-z]", text)
    assert "default-src 'none'" in text


def test_without_a_picture_its_fit_is_not_asked_for(asked: ListeningTest) -> None:
    page = Page(asked.page.read_text("utf-8"))
    assert page.inputs == [(s, str(g)) for s in ("quality", "clarity") for g in range(1, 6)]
    assert "video" not in page.tags


def test_each_listener_hears_all_in_an_order_of_their_own(
    asked: ListeningTest, folders: Path, tmp_path: Path
) -> None:
    data = Page(asked.page.read_text("utf-8")).data
    key = read_key(asked.key)
    orders = {code: tuple(data["pieces"][n] for n in row) for code, row in data["orders"].items()}
    assert set(orders) == set(asked.listeners) and len(orders) == 6
    assert all(sorted(order) == sorted(key.pieces) for order in orders.values())
    assert len(set(orders.values())) == 6
    again = made(folders, tmp_path / "page", title=TITLE, listeners=6)
    assert again.page.read_bytes() == asked.page.read_bytes()
    assert again.key.read_bytes() == asked.key.read_bytes()
    other = made(folders, tmp_path / "other", seed=None)
    assert not {*read_key(other.key).pieces} & {*key.pieces}


def test_pieces_are_alike_but_for_their_music(asked: ListeningTest) -> None:
    key, heard = read_key(asked.key), {}
    for piece, one in key.pieces.items():
        path = asked.page.parent / "sounds" / f"{piece}.flac"
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.subtype) == (48_000, 2, "PCM_16")
        heard[one.system] = soundfile.read(path, dtype="float32")[0].T
    assert {sound.shape for sound in heard.values()} == {(2, 48_000)}
    # Neither tones nor this noise reach the peak limit at -23 LUFS.
    for sound in heard.values():
        assert measure(sound).integrated_lufs == pytest.approx(-23, abs=0.2)


def test_the_anchor_is_that_of_the_recommendation() -> None:
    time = np.arange(RATE) / RATE
    for hz, least_db, most_db in ((100, -0.1, 0.1), (3500, -0.1, 0.1), (4000, -200, -25),
                                  (4500, -200, -50), (12_000, -200, -50)):  # fmt: skip
        sine = np.sin(2 * np.pi * hz * time).astype(np.float32)
        middle = slice(RATE // 4, 3 * RATE // 4)
        kept = low_passed(np.stack([sine, sine]), RATE)[1, middle]
        gain_db = 20 * np.log10(np.linalg.norm(kept) / np.linalg.norm(sine[middle]))
        assert least_db <= gain_db <= most_db
        if hz <= 3500:  # in time too
            assert np.abs(kept - sine[middle]).max() < 0.02


def test_what_lacks_or_is_cut_is_told(folders: Path, tmp_path: Path) -> None:
    few = tmp_path / "few"
    few.mkdir()
    soundfile.write(few / "dawn.flac", tone(200, 0.7), RATE)
    done = make_listening_test(tmp_path / "page", folders / "truth", {"few": few}, seed=1)
    assert done.clips == ("dawn",)
    assert done.warnings[0] == "pursuit is left out: few lacks it"
    assert "dawn.flac lasts 0.70 s: the others are cut by up to 0.30 s" in done.warnings[1]
    assert made(folders, tmp_path / "one", most_clips=1).pieces == 4


def test_what_cannot_be_made_is_refused(folders: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DatasetError, match="no clip is in all folders"):
        make_listening_test(tmp_path / "p", folders / "truth", {"none": empty})
    with pytest.raises(SettingsError, match="named anchor"):
        make_listening_test(tmp_path / "p", folders / "truth", {"anchor": folders / "ours"})
    (empty / "dawn.wav").write_bytes(b"no sound")
    with pytest.raises(MediaError, match=r"dawn\.wav cannot be read as audio"):
        make_listening_test(tmp_path / "p", folders / "truth", {"bad": empty})
    assert not (tmp_path / "p").exists()
    made(folders, tmp_path / "p")
    with pytest.raises(OutputError, match="exists already"):
        made(folders, tmp_path / "p")


def test_pictures_are_shown_under_names_of_their_own(folders: Path, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for clip in CLIPS:
        (pictures / f"{clip}.MP4").write_bytes(clip.encode())
    done = made(folders, tmp_path / "page", pictures=pictures)
    page, key = Page(done.page.read_text("utf-8")), read_key(done.key)
    assert {scale for scale, _ in page.inputs} == {"quality", "clarity", "fit"} == {*key.scales}
    for piece, movie in zip(page.data["pieces"], page.data["movies"], strict=True):
        assert (done.page.parent / movie).read_bytes() == key.pieces[piece].clip.encode()
        assert Path(movie).stem not in key.pieces
    (pictures / "dawn.MP4").unlink()
    assert made(folders, tmp_path / "one", pictures=pictures).clips == ("pursuit",)


def answers(path: Path, key: Key, **told: object) -> Path:
    path.write_text(json.dumps({"test": key.test, "listener": key.listeners[0], "answers": {}}
                               | told))  # fmt: skip
    return path


def piece_of(key: Key, system: str, clip: str) -> str:
    return next(p for p, one in key.pieces.items() if (one.system, one.clip) == (system, clip))


def test_answers_are_unblinded_and_others_are_refused(asked: ListeningTest, tmp_path: Path) -> None:
    key = read_key(asked.key)
    piece, ann = piece_of(key, "ours", "dawn"), key.listeners[0]
    good = answers(tmp_path / "ann", key, answers={piece: {"clarity": 4}})
    assert read_ratings(key, [good]) == [
        Rating(listener=ann, system="ours", clip="dawn", scale="clarity", score=4)
    ]
    wrong: list[dict[str, object]] = [
        {"test": "other"}, {"answers": {piece: {"clarity": 6}}}, {"listener": "nobody"},
        {"answers": {piece: {"clarity": True}}}, {"answers": {"9": {"clarity": 3}}},
        {"answers": {piece: {"fit": 3}}}, {"answers": [1]},
    ]  # fmt: skip
    for told in wrong:
        with pytest.raises(DatasetError, match="bob does not hold answers"):
            read_ratings(key, [answers(tmp_path / "bob", key, **told)])
    for damaged in (b'{"test"', b"\xff\xfe", b"[" * 100_000):
        (tmp_path / "torn").write_bytes(damaged)
        with pytest.raises(DatasetError, match="torn cannot be read"):
            read_ratings(key, [tmp_path / "torn"])
    with pytest.raises(DatasetError, match="same listener"):
        read_ratings(key, [good, answers(tmp_path / "copy", key)])
    with pytest.raises(DatasetError, match="is not the key"):
        read_key(good)


def test_listeners_who_miss_the_reference_are_told_and_kept(
    asked: ListeningTest, tmp_path: Path
) -> None:
    key, files = read_key(asked.key), []
    # For each listener: quality of the reference, of its low-passed copy and of ours, both clips.
    for listener, (reference, anchor, ours) in zip(key.listeners, ((5, 2, 4), (2, 3, 4)),
                                                   strict=False):  # fmt: skip
        given = {"reference": reference, "anchor": anchor, "ours": ours}
        told = {piece_of(key, system, clip): {"quality": score}
                for system, score in given.items() for clip in CLIPS}  # fmt: skip
        path = tmp_path / listener
        files.append(answers(path, key, listener=listener, answers=told))
    found = read_results(asked.key, files)
    assert [(one.doubtful, one.reference_missed, one.anchor_preferred, one.clips)
            for one in found.listeners] == [(False, 0, 0, 2), (True, 2, 2, 2)]  # fmt: skip
    assert (found.listeners[0].answered, found.listeners[0].asked) == (6, 16)
    assert found.opinions["quality"]["reference"].mean == 3.5  # of both listeners
    assert found.opinions["clarity"] == {}
    with pytest.raises(DatasetError, match="nothing is answered"):
        read_results(asked.key, [answers(tmp_path / "none", key)])


def rating(listener: int, system: str, clip: int, score: int) -> Rating:
    return Rating(listener=str(listener), system=system, clip=str(clip), scale="fit", score=score)


def test_means_and_preferences() -> None:
    scores = {"truth": [4, 4, 5, 3], "hpm": [5, 4, 2, 3]}
    given = [rating(0, name, n, s) for name, row in scores.items() for n, s in enumerate(row)]
    found = opinions(given, "fit")
    assert (found["truth"].mean, found["hpm"].mean) == (4.0, 3.5)
    assert found["hpm"].low <= 3.5 <= found["hpm"].high
    # Higher once, lower once, twice the same: neither is preferred, though their means differ.
    (pair,) = preferences(given, "fit")
    assert (pair.system, pair.other, pair.share, pair.pairs) == ("hpm", "truth", 0.5, 4)
    assert pair.low < 0.5 < pair.high
    assert opinions(given, "quality") == {} and preferences(given, "quality") == []


def test_only_answers_of_one_listener_to_one_clip_are_pairs() -> None:
    given = [rating(0, "a", 0, 5), rating(1, "b", 0, 1), rating(0, "b", 1, 1)]
    assert preferences(given, "fit") == []
    (pair,) = preferences([*given, rating(1, "a", 0, 2)], "fit")
    assert (pair.share, pair.pairs) == (1.0, 1)


def test_listeners_who_agree_with_themselves_do_not_count_as_many() -> None:
    # Four listeners, each of one mind about 25 clips: single answers would give a fifth the width.
    given = [rating(n, "hpm", clip, score) for n, score in enumerate((1, 2, 4, 5))
             for clip in range(25)]  # fmt: skip
    found = opinions(given, "fit")["hpm"]
    naive = 2 * 1.96 * np.std([1, 2, 4, 5]) / np.sqrt(100)
    assert found.high - found.low > 4 * naive
    assert found.ratings == 100
    same = [rating(n, "hpm", clip, 3) for n in range(4) for clip in range(5)]
    level = opinions(same, "fit")["hpm"]
    assert (level.low, level.mean, level.high) == (3.0, 3.0, 3.0)


def test_the_bootstrap_is_that_of_drawing_listeners_and_clips() -> None:
    rng = np.random.default_rng(3)
    table = np.clip(np.rint(3 + rng.normal(size=(12, 1)) + rng.normal(size=(1, 10))), 1, 5)
    given = [rating(n, "hpm", c, int(table[n, c])) for n in range(12) for c in range(10)]
    found = opinions(given, "fit")["hpm"]
    drawn = [table[np.ix_(rng.integers(0, 12, 12), rng.integers(0, 10, 10))].mean()
             for _ in range(4000)]  # fmt: skip
    low, high = np.percentile(drawn, (2.5, 97.5))
    assert (found.low, found.high) == (pytest.approx(low, abs=0.1), pytest.approx(high, abs=0.1))
