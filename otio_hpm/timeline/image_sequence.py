"""The numbered images of an OTIO ImageSequenceReference, holes settled."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from otio_hpm.errors import MediaError
from otio_hpm.timeline.exact import exact_rate
from otio_hpm.timeline.media_url import file_name, local_paths

_MAX_IMAGES = 1_000_000
"""Eleven hours of film."""

Find = Callable[[str], Path | None]


def is_sequence(reference: Any) -> bool:
    """Whether a media reference names numbered images."""
    return hasattr(reference, "number_of_images_in_sequence")


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
    urls = [reference.target_url_for_image_number(number) for number in range(count)]
    images = _located(urls, find)
    if not any(images):
        return None
    policy = reference.missing_frame_policy.name
    if None in images and policy == "error":
        raise MediaError(
            f"image {urls[images.index(None)]!r} of a sequence is missing",
            hint="copy it, or set the reference's missing_frame_policy to hold or black",
        )
    return tuple(_held(images) if policy == "hold" else images)


def _located(urls: list[str], find: Find) -> list[Path | None]:
    """The images that exist; the first that is found tells the folder of all."""
    for number, url in enumerate(urls):
        if found := find(url):
            there = {file.name: file for file in found.parent.iterdir()}
            return [None] * number + [_named(url, there) for url in urls[number:]]
    return []


def _named(url: str, there: dict[str, Path]) -> Path | None:
    names = (file_name(text) for text in local_paths(url))
    return next((there[name] for name in names if name in there), None)


def _held(images: list[Path | None]) -> list[Path | None]:
    """Each hole filled with the image before it; holes at the start with the first image."""
    last = next(image for image in images if image)
    return [last := image or last for image in images]
