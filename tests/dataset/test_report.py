"""The report tells what is in a dataset, and takes names for nothing but text."""

from __future__ import annotations

from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import pytest

from otio_hpm.dataset.clip import ClipEntry, Dropped, Facts
from otio_hpm.dataset.index import INDEX, spelled
from otio_hpm.dataset.report import page
from otio_hpm.dataset.splitting import Splitting
from otio_hpm.dataset.summary import Summary, summarise
from otio_hpm.errors import DatasetError

EVIL = '<script>alert("x")</script>'


class Page(HTMLParser):
    """Tags, attributes and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.cells: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.cells.append(data)


def index(folder: Path) -> None:
    lines = []
    for number in range(30):
        facts = Facts(
            film=f"{EVIL} {number // 10}", composer=EVIL, genres=(f"g{number % 25}", "war")
        )
        lines.append(
            ClipEntry(
                number=number, split="train", facts=facts, source=f"{number // 10}.mov",
                start_s=Fraction(number % 10 * 10), samples=1, frames=1, likeness="", shard="",
                members={},
            )
        )  # fmt: skip
    lines.append(
        Dropped(number=30, reason="duplicate", detail=f"like {EVIL}", film=EVIL, source="a",
                start_s=Fraction(1, 3), duration_s=Fraction(10))
    )  # fmt: skip
    (folder / INDEX).write_bytes(b"".join(map(spelled, lines)))


def test_the_report_is_one_page_without_scripts(tmp_path: Path) -> None:
    index(tmp_path)
    found = Page(page(tmp_path, summarise(tmp_path, []), Splitting()))
    assert not found.tags & {"script", "link", "img", "iframe", "object"}
    assert found.attributes <= {"lang", "charset", "class", "style"}
    assert found.cells.count(f"like {EVIL}") == 1
    told = " ".join(" ".join(found.cells).split())
    assert "0.08 hours in 30 clips of 10 s. Films: 3. Composers: 1." in told
    assert "100 s" not in told
    assert "60 s to 120 s 3" in told
    assert "clips that look and sound like another 1 10.0" in told
    assert told.count(" g") == 19  # and `war`: the twenty genres with the most clips


@pytest.mark.parametrize(
    "change",
    [
        {"clips": []},
        {"clips": {"train": "many", "validation": 0, "test": 0}},
        {"films": {"train": 1}},
        {"dropped": {"short": 1}, "dropped_s": {}},
        {"dropped": {"short": 1}, "dropped_s": {"short": "1/0"}},
        {"mood": 1},
    ],
)
def test_a_summary_is_not_trusted(tmp_path: Path, change: dict[str, object]) -> None:
    index(tmp_path)
    values = summarise(tmp_path, []).to_json()
    assert Summary.of_json(values).clips["train"] == 30
    with pytest.raises(DatasetError, match="is not understood"):
        Summary.of_json(values | change)
