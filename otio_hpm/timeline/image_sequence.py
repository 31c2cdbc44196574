"""The numbered images that a media reference names, holes settled."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from opentimelineio import schema
from opentimelineio.opentime import RationalTime, TimeRange

from otio_hpm.errors import MediaError
from otio_hpm.timeline.exact import exact_rate, nearest, rational
from otio_hpm.timeline.found import FoundImages
from otio_hpm.timeline.media_url import file_name, folded, local_paths

_MAX_IMAGES = 1_000_000
"""Eleven hours of film."""

_LOOKS = 1000
"""How many of the first images, and how many throughout, are looked for until one is found."""

Find = Callable[[str], Path | None]


_NUMBERS = re.compile(r"^(?P<prefix>.*)\[(?P<first>\d+)-(?P<last>\d+)\](?P<suffix>\.\w+)$")


def as_sequence(reference: Any) -> Any | None:
    """The ImageSequenceReference that a media reference is or means; None if it is no sequence.

    DaVinci Resolve names a sequence as one file, `shot.[0001-0100].exr`.
    """
    if isinstance(reference, schema.ImageSequenceReference):
        return reference
    base, _, name = (getattr(reference, "target_url", None) or "").rpartition("/")
    numbers, available = _NUMBERS.match(unquote(name)), getattr(reference, "available_range", None)
    if not numbers or available is None:
        return None
    rate = available.start_time.rate
    count = int(numbers["last"]) - int(numbers["first"]) + 1
    return schema.ImageSequenceReference(
        target_url_base=base,
        name_prefix=numbers["prefix"],
        name_suffix=numbers["suffix"],
        start_frame=int(numbers["first"]),
        frame_zero_padding=len(numbers["first"]),
        rate=rate,
        available_range=TimeRange(available.start_time, RationalTime(count, rate)),
    )


def found_sequence(images: FoundImages, start_s: Fraction, metadata: Mapping[str, Any]) -> Any:
    """A reference to images that were found, the first of them at `start_s` of source time."""
    first, rate = images.files[0], images.rate
    digits = "".join(re.findall(r"\d+$", first.stem))
    span = TimeRange(rational(nearest(start_s * rate), rate), rational(len(images.files), rate))
    return schema.ImageSequenceReference(
        target_url_base=f"{first.parent.as_uri()}/",
        name_prefix=first.stem.removesuffix(digits),
        name_suffix=first.suffix,
        start_frame=int(digits or 0),
        frame_zero_padding=len(digits),
        rate=float(rate),
        available_range=span,
        metadata=dict(metadata),
    )


def first_image_url(reference: Any) -> str:
    """The URL of a sequence's first image, of whatever rate and range it is."""
    number = str(reference.start_frame).zfill(min(max(reference.frame_zero_padding, 0), 20))
    name = f"{reference.name_prefix}{number}{reference.name_suffix}"
    base = reference.target_url_base
    return f"{base.rstrip('/')}/{name}" if base else name


def rate_of(reference: Any) -> Fraction:
    """Images per second: with a frame step of 2 each stands for two frames.

    Raises MediaError if the reference has no rate.
    """
    if reference.rate <= 0:
        raise MediaError(f"image sequence {reference.name_prefix!r} has no frame rate")
    step: int = max(1, reference.frame_step)
    return exact_rate(reference.rate) / step


def find_images(reference: Any, find: Find) -> tuple[Path | None, ...] | None:
    """Its images in order, None where a hole is black; None if there is not one image.

    Raises MediaError for a hole where the reference's policy is `error`, and for a sequence too
    long to be one.
    """
    count = reference.number_of_images_in_sequence()
    if count > _MAX_IMAGES:
        raise MediaError(f"image sequence {reference.name_prefix!r} says it has {count} images")
    one = _one_found(reference, count, find)
    if one is None:
        return None
    files = sorted(one.parent.iterdir())
    there = {folded(file.name): file for file in files} | {file.name: file for file in files}
    urls = [reference.target_url_for_image_number(number) for number in range(count)]
    images = [_named(url, there) for url in urls]
    if not any(images):
        return None
    policy = reference.missing_frame_policy.name
    if None in images and policy == "error":
        raise MediaError(
            f"image {urls[images.index(None)]!r} of a sequence is missing",
            hint="copy it, or set the reference's missing_frame_policy to hold or black",
        )
    return tuple(_held(images) if policy == "hold" else images)


def _one_found(reference: Any, count: int, find: Find) -> Path | None:
    """An image that exists, which tells the folder of all: of the first, else of some throughout.

    Not all are looked for, because one by one they may be anywhere.
    """
    first = range(min(count, _LOOKS))
    throughout = range(_LOOKS, count, max(1, count // _LOOKS))
    urls = map(reference.target_url_for_image_number, (*first, *throughout))
    return next((found for url in urls if (found := find(url))), None)


def _named(url: str, there: dict[str, Path]) -> Path | None:
    names = (file_name(text) for text in local_paths(url))
    found = (there.get(name) or there.get(folded(name)) for name in names)
    return next((file for file in found if file), None)


def _held(images: list[Path | None]) -> list[Path | None]:
    """Each hole filled with the image before it; holes at the start with the first image."""
    last = next(image for image in images if image)
    return [last := image or last for image in images]
