"""What the README says is so."""

from __future__ import annotations

import dataclasses
import re
from fractions import Fraction
from pathlib import Path

from otio_hpm.settings import Settings
from otio_hpm.timeline.mark_values import KEYS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def commands() -> list[str]:
    return re.findall(r"```sh\n(.*)\n```", README)


def test_ci_runs_the_second_command_as_it_stands() -> None:
    assert len(commands()) == 2
    assert commands()[1] in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()


def test_every_setting_is_in_the_table_with_its_default() -> None:
    table = README.partition("| option | setting |")[2].partition("\n\n")[0].replace(r"\|", "/")
    cells = [[cell.strip() for cell in line.split("|")] for line in table.splitlines()[2:]]
    rows = {row[2].strip("`"): row[3] for row in cells}
    told = {}
    for group in dataclasses.fields(Settings):
        values = getattr(Settings(), group.name)
        for field in dataclasses.fields(values):
            told[f"{group.name}.{field.name}"] = spelled(getattr(values, field.name))
    told |= {"spotting.rate": "found", "spotting.tc": "found"}
    assert rows == told


def spelled(value: object) -> str:
    if value is None or value is False or value == ():
        return ""
    return f"`{float(value):g}`" if isinstance(value, Fraction | float) else f"`{value}`"


def test_every_key_of_a_mark_is_told() -> None:
    table = README.partition("| key | value |")[2].partition("## Settings")[0]
    assert set(re.findall(r"`(\w+)`(?=[^|]*\|[^|]*\|$)", table, re.M)) >= set(KEYS)


def test_every_module_of_the_picture_exists() -> None:
    picture = README.partition("The way of the data")[2].partition("The house")[0]
    for package, module in re.findall(r"(?:->|or) +(\w*)\.(\w+) ", picture):
        folder = ROOT / "otio_hpm" / (package or "timeline")
        assert (folder / f"{module}.py").exists(), f"{package}.{module}"
    house = README.partition("The house")[2].partition("Imports point")[0]
    for name in re.findall(r"^      (\w+(?:\.py|/))", house, re.M):
        assert (ROOT / "otio_hpm" / name).exists(), name


def test_every_place_that_the_docs_name_exists() -> None:
    for page in sorted((ROOT / "docs").glob("*.md")):
        for place in re.findall(r"`((?:otio_hpm|tests)/[\w/.]+)`", page.read_text("utf-8")):
            assert (ROOT / place).exists(), f"{page.name}: {place}"


def test_every_version_is_pinned() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][\w.]*", line) for line in pins)
    assert "torch==2.13.0" in pins
