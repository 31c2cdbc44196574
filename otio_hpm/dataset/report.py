"""The report of a dataset: one HTML page of its own, with the paper's figures 5 and 6 as bars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from itertools import pairwise
from pathlib import Path

from otio_hpm.dataset.clip import INTERVAL_S, SPLITS, ClipEntry, Dropped
from otio_hpm.dataset.index import INDEX, read_lines
from otio_hpm.dataset.splitting import Splitting, empty_splits
from otio_hpm.dataset.summary import Summary
from otio_hpm.files import write_text

REPORT = "report.html"
REASONS = {
    "short": "segments under 10 s",
    "rest": "ends of segments after their last whole 10 s",
    "silence": "clips without music",
    "duplicate": "clips that look and sound like another",
    "unreadable": "clips whose media do not decode",
}
"""Why clips are dropped, in words."""
_TOP = 20
_MOST_LISTED = 200
_LENGTHS_S = (20, 30, 60, 120, 300, 600)
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; } td, th { padding: .1em .8em .1em 0; text-align: left; }
td.n, th.n { text-align: right; } .bar { background: #47a; height: .8em; min-width: 1px; }
td.b { width: 24em; }
"""


def write_report(folder: Path, summary: Summary, splitting: Splitting) -> Path:
    """Write the page beside the dataset it tells of; its path."""
    path = folder / REPORT
    write_text(path, page(folder, summary, splitting), overwrite=True)
    return path


def page(folder: Path, summary: Summary, splitting: Splitting) -> str:
    """The page of a dataset; whatever names hold stands in it as text."""
    entries = [entry for _, entry in read_lines(folder / INDEX)]
    kept = [entry for entry in entries if isinstance(entry, ClipEntry)]
    dropped = [entry for entry in entries if isinstance(entry, Dropped)]
    body = "\n".join(_body(summary, splitting, kept, dropped))
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Dataset</title>\n'
        f"<style>{_STYLE}</style>\n{body}\n</html>\n"
    )


def _body(
    summary: Summary, splitting: Splitting, kept: list[ClipEntry], dropped: list[Dropped]
) -> list[str]:
    films = Counter(entry.facts.film for entry in kept)
    amiss = empty_splits(splitting, films)
    return [
        "<h1>Dataset</h1>",
        f"<p>{summary.hours:.2f} hours in {len(kept)} clips of {INTERVAL_S} s. Films: "
        f"{sum(summary.films.values())}. Composers: {len(summary.composers)}.</p>",
        "<h2>Splits</h2>",
        *_table(("split", "films", "clips", "hours"), _splits(summary)),
        *([f"<p>{escape(amiss)}</p>"] if amiss else []),
        f"<h2>Composers</h2><p>The {_TOP} with the most clips.</p>",
        *_bars(summary.composers.items()),
        f"<h2>Genres</h2><p>The {_TOP} with the most clips; a film may have several.</p>",
        *_bars(summary.genres.items()),
        f"<h2>Films</h2><p>The {_TOP} with the most clips.</p>",
        *_bars(films.most_common()),
        "<h2>Lengths</h2><p>Stretches of clips that follow each other in a film.</p>",
        *_bars(_lengths(kept).items()),
        "<h2>Dropped</h2>",
        *_table(("why", "clips", "seconds"), _reasons(summary)),
        *_listed(dropped),
    ]


def _splits(summary: Summary) -> Iterator[tuple[str, ...]]:
    for split in SPLITS:
        clips = summary.clips[split]
        hours = f"{clips * INTERVAL_S / 3600:.2f}"
        yield split, str(summary.films[split]), str(clips), hours


def _reasons(summary: Summary) -> Iterator[tuple[str, ...]]:
    for reason, count in summary.dropped.items():
        yield REASONS.get(reason, reason), str(count), f"{summary.seconds_dropped(reason):.1f}"


def _lengths(kept: Iterable[ClipEntry]) -> dict[str, int]:
    """How many stretches there are of each length."""
    runs: list[int] = []
    before: ClipEntry | None = None
    for entry in kept:
        follows = before is not None and (
            (entry.source, entry.start_s) == (before.source, before.start_s + INTERVAL_S)
        )
        runs[-1:] = [runs[-1] + INTERVAL_S] if follows else [*runs[-1:], INTERVAL_S]
        before = entry
    edges = (*_LENGTHS_S, float("inf"))
    names = [f"{low} s to {high} s" for low, high in pairwise((INTERVAL_S, *_LENGTHS_S))]
    names.append(f"{_LENGTHS_S[-1]} s and more")
    counts = Counter(next(i for i, high in enumerate(edges) if run < high) for run in runs)
    return {name: counts[i] for i, name in enumerate(names)}


def _listed(dropped: list[Dropped]) -> Iterator[str]:
    """The clips that were dropped, but not what is only short."""
    told = [one for one in dropped if one.reason not in ("short", "rest")]
    if told:
        rows = [
            (one.film, one.source, f"{float(one.start_s):.1f}", one.detail)
            for one in told[:_MOST_LISTED]
        ]
        yield from _table(("film", "source", "at, s", "why"), rows)
    if len(told) > _MOST_LISTED:
        yield f"<p>And {len(told) - _MOST_LISTED} more, in {INDEX}.</p>"


def _bars(counts: Iterable[tuple[str, int]]) -> Iterator[str]:
    rows = list(counts)[:_TOP]
    most = max((count for _, count in rows), default=0) or 1
    yield "<table>"
    for name, count in rows:
        width = f"{100 * count / most:.1f}%"
        yield (
            f'<tr><td>{escape(name)}</td><td class="n">{count}</td>'
            f'<td class="b"><div class="bar" style="width: {width}"></div></td></tr>'
        )
    yield "</table>"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield "<table><tr>" + "".join(f"<th>{escape(head)}</th>" for head in heads) + "</tr>"
    for row in rows:
        yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
    yield "</table>"
