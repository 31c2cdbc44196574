"""The `<resources>` of a written file: formats, assets, effects and compound media."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lxml import etree

from otio_hpm.interchange.fcpxml.writing_model import Version, known, lowered
from otio_hpm.interchange.fcpxml.writing_text import set_attributes
from otio_hpm.interchange.fcpxml.writing_times import Grid
from otio_hpm.interchange.losses import Losses
from otio_hpm.timing import nominal

UNDEFINED = "FFVideoFormatRateUndefined"
"""Final Cut Pro's own format of sound and stills."""

_SIZES = {
    ("1920", "1080"): "1080p",
    ("1280", "720"): "720p",
    ("3840", "2160"): "3840x2160p",
    ("4096", "2160"): "4096x2160p",
}
_RATES = {
    Fraction(24000, 1001): "2398", Fraction(24): "24", Fraction(25): "25",
    Fraction(30000, 1001): "2997", Fraction(30): "30", Fraction(50): "50",
    Fraction(60000, 1001): "5994", Fraction(60): "60",
}  # fmt: skip


@dataclass(kw_only=True)
class Asset:
    """A media file as a resource; what is used of it grows while the timeline is written."""

    element: Any
    start_s: Fraction
    end_s: Fraction
    stated: bool
    """Whether the timeline says which range the file has; if not, it is what is used of it."""


class Resources:
    """Resources as they come to be needed, each once."""

    def __init__(self, version: Version, grid: Grid, losses: Losses) -> None:
        self.element = etree.Element("resources")
        self._version = version
        self._grid = grid
        self._losses = losses
        self._ids: dict[Any, str] = {}
        self._assets: dict[Any, Asset] = {}

    def format(self, attributes: Mapping[str, str]) -> str:
        """Id of a format."""
        return self._once("format", {k: v for k, v in attributes.items() if k != "id"})

    def effect(self, attributes: Mapping[str, str]) -> str:
        """Id of an effect, a transition, a title or a generator."""
        return self._once("effect", {k: v for k, v in attributes.items() if k != "id"})

    def other(self, text: str, element: Any) -> str:
        """Id of a resource given as an element of which `text` says all but the id."""
        if (element.tag, text) not in self._ids:
            self._ids[element.tag, text] = self._add(element)
        return self._ids[element.tag, text]

    def media(self, key: Any, name: str) -> tuple[str, Any]:
        """Id of a compound's media, and its element if it is new, to be filled."""
        if found := self._ids.get(("media", key)):
            return found, None
        element = etree.Element("media")
        self._ids["media", key] = self._add(element, {"name": name})
        return self._ids["media", key], element

    def asset(self, key: Any) -> Asset | None:
        """The asset of a media file, if it is there."""
        return self._assets.get(key)

    def new_asset(
        self, key: Any, src: str, attributes: Mapping[str, str], media_rep: Mapping[str, str]
    ) -> Asset:
        """An asset; from version 1.9 on the file is named by a media representation in it."""
        element = etree.Element("asset")
        by_child = self._version >= (1, 9)
        self._add(element, {**attributes, **({} if by_child else {"src": src})})
        if by_child:
            rep = {**known("media-rep", media_rep, self._version), "src": src}
            set_attributes(etree.SubElement(element, "media-rep"), rep)
        asset = Asset(element=element, start_s=Fraction(0), end_s=Fraction(0), stated=False)
        self._assets[key] = asset
        return asset

    def finish(self) -> Any:
        """The element, with the range of every asset."""
        for asset in self._assets.values():
            asset.element.set("start", self._grid.text(asset.start_s))
            asset.element.set("duration", self._grid.text(asset.end_s - asset.start_s))
        return self.element

    def _once(self, tag: str, attributes: dict[str, str]) -> str:
        key = (tag, *sorted(attributes.items()))
        if key not in self._ids:
            self._ids[key] = self._add(etree.Element(tag), attributes)
        return self._ids[key]

    def _add(self, element: Any, attributes: Mapping[str, str] | None = None) -> str:
        number = f"r{len(self.element) + 1}"
        given = lowered(element.tag, attributes or {}, self._version, self._losses)
        set_attributes(element, {"id": number, **given})
        self.element.append(element)
        return number


def frame_format(rate: Fraction, size: tuple[str, str], *, named: bool = True) -> dict[str, str]:
    """Attributes of the format of a rate and a size, which has Final Cut's name if it is `named`.

    Those names are of progressive formats.
    """
    rate_name = _RATES.get(rate, "") if named and size in _SIZES else ""
    width, height = size
    return {
        **({"name": f"FFVideoFormat{_SIZES[size]}{rate_name}"} if rate_name else {}),
        "frameDuration": frame_duration(rate),
        "width": width,
        "height": height,
    }


def frame_duration(rate: Fraction) -> str:
    """As Final Cut writes it: `100/2400s`, `1001/24000s`.

    >>> frame_duration(Fraction(25)), frame_duration(Fraction(30000, 1001))
    ('100/2500s', '1001/30000s')
    """
    if rate.denominator == 1:
        return f"100/{nominal(rate) * 100}s"
    return f"{rate.denominator}/{rate.numerator}s"
