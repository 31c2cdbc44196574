"""Pieces of picture laid over, beside and into each other, in exact seconds."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from otio_hpm.timeline.picture import Layer


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """What is seen from `start_s` to `end_s` of some item's time."""

    start_s: Fraction
    end_s: Fraction
    layers: tuple[Layer, ...] = ()
    """Bottom to top."""
    open: bool = True
    """Whether what lies below shows through."""
    passed: tuple[str, ...] = ()
    """What was looked through, in words."""
    titles: tuple[tuple[str, Layer], ...] = ()
    """Title cards, bottom to top, each with its words in `passed` once there is picture below."""
    absent: tuple[str, ...] = ()
    """Clips below the layers that should have had picture and have none, in words."""

    def part(self, start_s: Fraction, end_s: Fraction) -> Stretch:
        """The same picture over a shorter time."""
        if (start_s, end_s) == (self.start_s, self.end_s):
            return self
        before, after = start_s - self.start_s, end_s - self.start_s
        length = self.end_s - self.start_s
        layers = tuple(
            dataclasses.replace(
                layer,
                media_start_s=layer.at(before),
                opacity_start=_between(layer, before / length),
                opacity_end=_between(layer, after / length),
            )
            for layer in self.layers
        )
        return dataclasses.replace(self, start_s=start_s, end_s=end_s, layers=layers)

    def faded(self, start: Fraction, end: Fraction) -> Stretch:
        """With every layer's opacity multiplied by a share that runs from `start` to `end`."""
        layers = tuple(
            dataclasses.replace(
                layer,
                opacity_start=layer.opacity_start * start,
                opacity_end=layer.opacity_end * end,
            )
            for layer in self.layers
        )
        return dataclasses.replace(self, layers=layers)

    def over(self, lower: Stretch) -> Stretch:
        """This stretch with another of the same time below it."""
        titles = self.titles if lower.layers else ()
        return dataclasses.replace(
            self,
            layers=lower.layers + self.layers,
            open=lower.open,
            passed=self.passed + tuple(words for words, _ in titles) + lower.passed,
            titles=lower.titles if titles else lower.titles + self.titles,
            absent=lower.absent if lower.layers else self.absent + lower.absent,
        )

    def settled(self) -> Stretch:
        """With title cards as layers, where no picture below has replaced them."""
        if not self.titles:
            return self
        cards = tuple(layer for _, layer in self.titles)
        covered = any(not card.media.has_alpha for card in cards)
        layers = cards + self.layers
        return dataclasses.replace(self, layers=layers, titles=(), open=self.open and not covered)

    def warped(self, origin_s: Fraction, anchor_s: Fraction, speed: Fraction) -> Stretch:
        """As seen by a parent in whose time `origin_s` of this one stands at `anchor_s`.

        `speed` is seconds of this time per second of the parent's, not 0.
        """
        first, last = (self.start_s, self.end_s) if speed > 0 else (self.end_s, self.start_s)
        layers = tuple(
            dataclasses.replace(
                layer,
                media_start_s=layer.at(first - self.start_s),
                speed=layer.speed * speed,
                opacity_start=layer.opacity_start if speed > 0 else layer.opacity_end,
                opacity_end=layer.opacity_end if speed > 0 else layer.opacity_start,
            )
            for layer in self.layers
        )
        return dataclasses.replace(
            self,
            start_s=anchor_s + (first - origin_s) / speed,
            end_s=anchor_s + (last - origin_s) / speed,
            layers=layers,
        )

    def frozen(self, start_s: Fraction, end_s: Fraction) -> Stretch:
        """Its first moment held."""
        layers = tuple(
            dataclasses.replace(layer, speed=Fraction(0), opacity_end=layer.opacity_start)
            for layer in self.layers
        )
        return dataclasses.replace(self, start_s=start_s, end_s=end_s, layers=layers)


Below = Callable[[Fraction, Fraction], list[Stretch]]


def laid_over(upper: Iterable[Stretch], below: Below) -> Iterator[Stretch]:
    """Stretches with what is below them, which is asked for only where it shows."""
    for stretch in upper:
        if not stretch.open:
            yield stretch
            continue
        for lower in below(stretch.start_s, stretch.end_s):
            yield stretch.part(lower.start_s, lower.end_s).over(lower)


def dissolved(
    outgoing: Below, incoming: Iterable[Stretch], start_s: Fraction, length_s: Fraction
) -> Iterator[Stretch]:
    """A linear dissolve that begins at `start_s`; to and from nothing it is a fade."""
    for late in incoming:
        for early in outgoing(late.start_s, late.end_s):
            new = late.part(early.start_s, early.end_s)
            if new.layers or early.layers:
                new, early = new.settled(), early.settled()
            share = (early.start_s - start_s) / length_s, (early.end_s - start_s) / length_s
            old = early
            if new.open or not new.layers:
                old = early.faded(1 - share[0], 1 - share[1])
            mixed = new.faded(*share).over(old)
            yield dataclasses.replace(
                mixed, open=early.open or late.open, absent=early.absent + late.absent
            )


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Neighbours that go on in the same way made one."""
    result: list[Stretch] = []
    for stretch in stretches:
        if result and _goes_on(result[-1], stretch):
            result[-1] = _extended(result[-1], stretch)
        else:
            result.append(stretch)
    return result


def _between(layer: Layer, share: Fraction) -> Fraction:
    return layer.opacity_start + (layer.opacity_end - layer.opacity_start) * share


def _goes_on(first: Stretch, second: Stretch) -> bool:
    """Whether `second` shows what `first` would if it were longer, and nothing is dissolving."""
    if len(first.layers) != len(second.layers) or first.absent != second.absent:
        return False
    later = first.part(second.start_s, second.end_s).layers
    return later == second.layers and all(x.opacity_start == x.opacity_end for x in later)


def _extended(first: Stretch, second: Stretch) -> Stretch:
    passed = tuple(dict.fromkeys(first.passed + second.passed))
    return dataclasses.replace(first, end_s=second.end_s, passed=passed)
