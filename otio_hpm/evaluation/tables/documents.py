"""Rows as CSV, Markdown and LaTeX, and as JSON with every clip's value."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Sequence
from typing import Any

from otio_hpm.evaluation.evidence.run import strict
from otio_hpm.evaluation.tables.paper import PERCENT, Printed
from otio_hpm.evaluation.tables.rows import Cell, Row

Cells = dict[str, Cell]
_NONE = "-"
_SHUFFLED = (
    "Shuffled pairs: each clip against the reference two further on. A figure that is as good here "
    "tells nothing of the system."
)
_PAPER = (
    "Of other music and other films, by other weights, and MOS by twenty people: not to be ranked "
    "with the figures above. Percent are shares here."
)
_LATEX = {"_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#"}


def as_csv(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """A line for each system and pairing; each figure with both ends of its interval."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    ends = [f"{column}{end}" for column in columns for end in ("", " low", " high")]
    writer.writerow(["system", "pairs", "missing", *ends])
    for pairs, row, cells in _lines(rows):
        figures = [cells[column].figure if column in cells else None for column in columns]
        values = [x for f in figures for x in ((f.value, f.low, f.high) if f else ("", "", ""))]
        writer.writerow([row.system, pairs, len(row.missing), *values])
    return text.getvalue()


def as_markdown(
    rows: Sequence[Row], columns: Sequence[str], facts: dict[str, Any], remarks: Sequence[str],
    printed: Sequence[Printed] = (),
) -> str:  # fmt: skip
    """What was measured on what, then own pairs, shuffled ones, and what the paper prints."""
    lines = ["# Systems compared", ""]
    lines += [f"- {name}: {value}" for name, value in facts.items()]
    lines += ["", "Figures with their 95 % bootstrap intervals over clips.", "",
              *_markdown(rows, columns, lambda row: row.cells)]  # fmt: skip
    shuffled = [c for c in columns if any(c in row.shuffled for row in rows)]
    if shuffled:
        lines += ["", _SHUFFLED, "", *_markdown(rows, shuffled, lambda row: row.shuffled)]
    lines += ["", *(f"- {row.system}: {row.says}" for row in rows), ""]
    lines += [f"- {remark}" for remark in remarks]
    lines += ["", "## What the paper prints", "", _PAPER] if printed else []
    for part in printed:
        table = [("system", *part.columns), ("---",) * (len(part.columns) + 1), *_as_shares(part)]
        lines += ["", f"{part.caption}:", "", *_piped(table)]
    return "\n".join(lines).rstrip() + "\n"


def as_latex(rows: Sequence[Row], columns: Sequence[str], printed: Sequence[Printed] = ()) -> str:
    """Tabulars for booktabs: own pairs above shuffled ones, and what the paper prints."""
    own = [_latex(row.system, row.cells, columns) for row in rows]
    shuffled = [_latex(f"{row.system}, shuffled", row.shuffled, columns) for row in rows]
    lines = _tabular(columns, [*own, r"\midrule", *shuffled])
    for part in printed:
        lines += ["", f"% The paper's {part.caption}. {_PAPER}"]
        lines += _tabular(part.columns, [" & ".join(row) + r" \\" for row in _as_shares(part)])
    return "\n".join([*lines, ""])


def _tabular(columns: Sequence[str], rows: Sequence[str]) -> list[str]:
    head = " & ".join(["System", *columns]) + r" \\"
    return [rf"\begin{{tabular}}{{l{'r' * len(columns)}}}", r"\toprule", head, r"\midrule", *rows,
            r"\bottomrule", r"\end{tabular}"]  # fmt: skip


def _as_shares(part: Printed) -> list[tuple[str, ...]]:
    """Names and figures of the paper, its percent as shares."""
    units = [100 if column in PERCENT else 1 for column in part.columns]
    return [
        (name, *(f"{figure / unit:.3g}" for figure, unit in zip(figures, units, strict=True)))
        for name, figures in part.rows
    ]


def as_json(
    rows: Sequence[Row], facts: dict[str, Any], remarks: Sequence[str], seeds: dict[str, int]
) -> str:
    """Everything, with the seed that models make each clip with; what is no number is null."""
    systems = {row.system: _plain(row) for row in rows}
    found = strict({"facts": facts, "remarks": list(remarks), "seeds": seeds, "systems": systems})
    return json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(row: Row) -> dict[str, Any]:
    return {
        "says": row.says, "missing": list(row.missing), "short": list(row.short),
        "figures": {name: _cell(cell) for name, cell in row.cells.items()},
        "shuffled": {name: _cell(cell) for name, cell in row.shuffled.items()},
    }  # fmt: skip


def _cell(cell: Cell) -> dict[str, Any]:
    figure = cell.figure
    return {
        "value": figure.value, "low": figure.low, "high": figure.high, "unit": figure.unit,
        "clips": dict(zip(cell.clips, figure.items, strict=True)),
    }  # fmt: skip


def _lines(rows: Sequence[Row]) -> list[tuple[str, Row, Cells]]:
    own = [("own", row, row.cells) for row in rows]
    return own + [("shuffled", row, row.shuffled) for row in rows if row.shuffled]


def _markdown(
    rows: Sequence[Row], columns: Sequence[str], cells: Callable[[Row], Cells]
) -> list[str]:
    table = [["system", *columns], ["---"] * (len(columns) + 1)]
    table += [[row.system, *(_spelled(cells(row), column) for column in columns)] for row in rows]
    return _piped(table)


def _piped(table: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(line)} |" for line in table]


def _spelled(cells: Cells, column: str) -> str:
    if column not in cells:
        return _NONE
    figure = cells[column].figure
    if not math.isfinite(figure.low):
        return f"{figure.value:.3g}"
    return f"{figure.value:.3g} ({figure.low:.3g} to {figure.high:.3g})"


def _latex(name: str, cells: Cells, columns: Sequence[str]) -> str:
    escaped = "".join(_LATEX.get(letter, letter) for letter in name)
    return " & ".join([escaped, *(_interval(cells, column) for column in columns)]) + r" \\"


def _interval(cells: Cells, column: str) -> str:
    if column not in cells:
        return "--"
    figure = cells[column].figure
    if not math.isfinite(figure.low):
        return rf"${figure.value:.3g}$"
    return rf"${figure.value:.3g}$ {{\scriptsize $[{figure.low:.3g}, {figure.high:.3g}]$}}"
