"""A reference movie stands for the picture of a timeline."""

from __future__ import annotations

from pathlib import Path

import pytest
from coded_media import numbers
from seen_pictures import cut_of, every, gap, track, with_media

from otio_hpm.errors import MediaError
from otio_hpm.settings import MediaSettings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.picture import Picture
from otio_hpm.timeline.reference_movie import reference_picture


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_media(tmp_path_factory.mktemp("media"))


def reference(cut: Cut, text: str, start: int = 0, end: int = 48) -> Picture:
    finder = MediaFinder(cut.path.parent, MediaSettings())
    return reference_picture(cut, start, end, text, finder)


@pytest.mark.parametrize(
    ("file", "first", "words"),
    [
        ("tc.mp4", 0, "its own start timecode 01:00:00:00"),
        ("a.mp4", 0, "timeline's start"),
        ("a.mp4@00:59:59:00", 24, "placed at 00:59:59:00"),
        ("b@take.mp4@00:59:59:12", 12, "placed at 00:59:59:12"),
        ("b@take.mp4", 0, "timeline's start"),
    ],
)
def test_a_reference_movie_is_placed_and_says_how(folder, tmp_path, file, first, words):
    if "@take" in file:
        (tmp_path / "b@take.mp4").symlink_to(folder / "b.mp4")
        folder = tmp_path
    cut = cut_of(folder, track(gap(48)))
    picture = reference(cut, file, -2, 50)
    shown = numbers(every(picture, cut.rate))
    assert shown == [0, 0, *range(first, first + 48), 0, 0]
    assert words in picture.offsets[0]


def test_a_reference_movie_must_have_the_rate_and_length_of_the_timeline(folder):
    cut = cut_of(folder, track(gap(300)))
    with pytest.raises(MediaError, match=r"23\.976.*24"):
        reference(cut, "film.mp4")
    with pytest.raises(MediaError, match=r"a\.mp4"):
        reference(cut, "a.mp4", 0, 213)
    assert reference(cut, "a.mp4", 0, 212).warnings
    with pytest.raises(MediaError, match="does not reach from 01:00:00:00"):
        reference(cut, "a.mp4@01:00:01:00")
    with pytest.raises(MediaError, match=r"reference picture .*nowhere\.mp4 is not there"):
        reference(cut, "nowhere.mp4")
    with pytest.raises(MediaError, match="not a movie"):
        reference(cut, "still.png")
    with pytest.raises(MediaError, match="not a local file"):
        reference(cut, "https://host/a.mp4")
