"""The evidence as a document that people read."""

from __future__ import annotations

from typing import Any

from otio_hpm.evaluation.evidence.report import Aim, Figure, Section


def document(facts: dict[str, Any], sections: list[Section]) -> str:
    """evidence.md: what was measured on what, then every section's table."""
    lines = [f"# Evidence: {facts['model']}", ""]
    lines += [f"- {name}: {value}" for name, value in facts.items() if name != "model"]
    lines += ["", "Intervals are 95 % bootstrap intervals over items.", ""]
    for section in sections:
        lines += _section(section)
    return "\n".join(lines)


def verdict(figure: Figure) -> str:
    """Whether an aim is reached, in words."""
    if figure.met is None or figure.aim is None:
        return ""
    ends = figure.aim.met(figure.low), figure.aim.met(figure.high)
    if figure.met:
        return "reached" if all(ends) else "reached, not surely"
    return "falls short, perhaps by chance" if any(ends) else "falls short"


def aim_text(aim: Aim | None) -> str:
    """`at least 0.8`, or nothing."""
    if aim is None:
        return ""
    parts = (("at least", aim.at_least), ("at most", aim.at_most))
    return ", ".join(f"{word} {bound:g}" for word, bound in parts if bound is not None)


def _section(section: Section) -> list[str]:
    lines = [f"## {section.title}", ""]
    if section.figures:
        lines += ["| figure | value | interval | aim | |", "|---|---|---|---|---|"]
        lines += [_row(figure) for figure in section.figures]
        lines.append("")
    for remark in section.remarks:
        lines += [remark, ""]
    lines += [f"![{name}]({name})" for name in section.pictures]
    return [*lines, ""] if section.pictures else lines


def _row(figure: Figure) -> str:
    unit = f" {figure.unit}" if figure.unit else ""
    note = f" ({figure.note})" if figure.note else ""
    return (
        f"| {figure.name}{note} | {figure.value:.3g}{unit} | {figure.low:.3g} to "
        f"{figure.high:.3g} | {aim_text(figure.aim)} | {verdict(figure)} |"
    )
