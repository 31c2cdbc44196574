"""The media of clips as assets: file, range, format, and what of it is picture or sound."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from lxml import etree
from opentimelineio import schema

from otio_hpm.interchange.fcpxml.kept import REEL, reel_of
from otio_hpm.interchange.fcpxml.times import parse_time
from otio_hpm.interchange.fcpxml.writing_job import Job
from otio_hpm.interchange.fcpxml.writing_kept import facts, texts
from otio_hpm.interchange.fcpxml.writing_media import is_still, source_url
from otio_hpm.interchange.fcpxml.writing_resources import UNDEFINED, Asset, frame_format
from otio_hpm.interchange.fcpxml.writing_text import set_attributes
from otio_hpm.interchange.fcpxml.writing_times import counts_alike
from otio_hpm.timeline.clip_source import first_reel
from otio_hpm.timeline.exact import exact_rate, seconds
from otio_hpm.timeline.image_sequence import first_image_url
from otio_hpm.timeline.takes import is_score_clip
from otio_hpm.timing import SAMPLE_RATE, snap_rate

_OWN = ("id", "src", "start", "duration", "format", "name")
"""Attributes of an asset that are made anew."""


@dataclass(frozen=True, kw_only=True)
class Media:
    """The media of one clip."""

    asset: Asset
    rate: Fraction | None
    """Frames per second of its picture, where that is known."""
    is_still: bool
    step: Fraction = Fraction(1)
    """Seconds of media to a second of the record at normal speed."""
    counted: Fraction | None = None
    """The rate at which all times of the clip count its frames, where a file said so."""

    @property
    def id(self) -> str:
        """Of its asset."""
        return str(self.asset.element.get("id"))

    def own_seconds(self, time: Any) -> Fraction:
        """Its own time of a time in the timeline.

        Rates that count alike (24 and 24000/1001) mean frame numbers, as editing systems read them.
        """
        counted = self.counted or (exact_rate(time.rate) if time.rate > 0 else None)
        if self.rate and counted and counts_alike(self.rate, counted):
            return seconds(time) * counted / self.rate
        return seconds(time)


def media_of(job: Job, clip: Any, *, sound: bool) -> Media:
    """The media that a clip plays, as an asset that is made where it is not there yet."""
    reference = clip.media_reference
    src = source_url(_url(job, clip, reference), job.delivery)
    kept = facts(reference)
    still = not sound and (is_still(src) or _is_instant(kept))
    available = getattr(reference, "available_range", None)
    unnamed = "" if _names_file(reference) else _reel(clip)
    key = (src, None if available is None else _range(available), still, unnamed)
    asset = job.resources.asset(key) or _new(job, clip, src, kept, key)
    _use(job, asset, clip, sound=sound)
    is_picture = not still and asset.element.get("hasVideo") == "1"
    media = _timed(job, clip, asset, _rate(reference, kept) if is_picture else None, still)
    if not sound and asset.element.get("format") is None:
        asset.element.set("format", job.resources.format(_format(job, media, kept)))
    if not still and not asset.stated:
        _state_range(media, available, kept)
    return media


def _timed(job: Job, clip: Any, asset: Asset, rate: Fraction | None, still: bool) -> Media:
    """Media with the way from the timeline's times to theirs."""
    kept = job.conforms(clip)
    if rate is None or kept == "0" or not counts_alike(rate, job.grid.rate):
        return Media(asset=asset, rate=rate, is_still=still, counted=rate if kept == "0" else None)
    counted = job.grid.rate if kept else None
    return Media(asset=asset, rate=rate, is_still=still, step=job.grid.rate / rate, counted=counted)


def _state_range(media: Media, available: Any, kept: Any) -> None:
    """Set the range of an asset to what its file had, or else what the timeline says."""
    asset, said = media.asset, texts(kept.get("asset"))
    try:
        start_s, length_s = parse_time(said.get("start", "0s")), parse_time(said["duration"])
    except (KeyError, ValueError):
        if available is None:
            return
        start_s, length_s = map(media.own_seconds, (available.start_time, available.duration))
    asset.stated = True
    asset.start_s, asset.end_s = start_s, start_s + max(length_s, Fraction(0))


def note_use(job: Job, media: Media, clip: Any, used: tuple[Fraction, Fraction]) -> None:
    """Let an asset reach over what is used of it, if the timeline does not say how long it is."""
    asset = media.asset
    if media.is_still:
        return
    if asset.stated:
        if used[0] < asset.start_s or used[1] > asset.end_s:
            words = "Final Cut Pro refuses clips that use more than their media have"
            job.losses.add(words, repr(clip.name))
    elif asset.end_s == asset.start_s:
        asset.start_s, asset.end_s = used
    else:
        asset.start_s = min(asset.start_s, used[0])
        asset.end_s = max(asset.end_s, used[1])


def _url(job: Job, clip: Any, reference: Any) -> str:
    """What a clip's reference says of its file; for one without, a file named like the clip."""
    if isinstance(reference, schema.ImageSequenceReference):
        job.losses.add("Of image sequences only the first image is named", repr(clip.name))
        return first_image_url(reference)
    if _names_file(reference):
        return str(reference.target_url)
    job.losses.add(
        "Clips without media refer to a file of their name, to be relinked", repr(clip.name)
    )
    return (clip.name or "unnamed").replace("/", "_").replace("\\", "_")


def _names_file(reference: Any) -> bool:
    is_sequence = isinstance(reference, schema.ImageSequenceReference)
    return is_sequence or bool(getattr(reference, "target_url", None))


def _new(job: Job, clip: Any, src: str, kept: Any, key: Any) -> Asset:
    attributes = {k: v for k, v in texts(kept.get("asset")).items() if k not in _OWN}
    media_rep = {k: v for k, v in texts(kept.get("media_rep")).items() if k != "src"}
    known = texts(kept.get("media_rep")).get("src") or texts(kept.get("asset")).get("src")
    if known is not None and source_url(known, job.delivery) != src:
        attributes.pop("uid", None)  # another file: Final Cut Pro would take it for the old one
        media_rep.pop("sig", None)
    name = texts(kept.get("asset")).get("name") or PurePosixPath(unquote(src)).stem
    asset = job.resources.new_asset(key, src, {"name": name, **attributes}, media_rep)
    if job.version >= (1, 9):
        _add_proxy(job, asset, clip)
    metadata = job.keeper.element(kept.get("metadata"), clip)
    if metadata is not None and metadata.tag == "metadata":
        asset.element.append(metadata)  # they stand last in an asset
    return asset


def _add_proxy(job: Job, asset: Asset, clip: Any) -> None:
    """The proxy beside the original, where the clip has both."""
    proxy = clip.media_references().get("proxy-media")
    url = getattr(proxy, "target_url", None)
    if url and proxy.to_json_string() != clip.media_reference.to_json_string():
        kept = {k: v for k, v in texts(facts(proxy).get("media_rep")).items() if k != "src"}
        rep = etree.SubElement(asset.element, "media-rep")
        set_attributes(rep, {**kept, "kind": "proxy-media", "src": source_url(url, job.delivery)})


def add_reel(job: Job, media: Media, clip: Any, element: Any) -> None:
    """The reel of a clip as metadata of its asset, or its own where the asset has another.

    Where neither said one, the asset has that of the first clip that names one.
    """
    reel, asset = _reel(clip), media.asset.element
    said = [text for text in map(reel_of, (element, asset)) if text]
    if not reel or said[:1] == [reel]:
        return
    is_own = not media.is_still and texts(facts(clip)).get("reel") == reel
    if not said and not is_own:
        _name_reel(asset, reel)
    elif media.is_still:
        job.losses.add("Stills of one file have one reel", repr(clip.name))
    else:
        _name_reel(element, reel)


def _reel(clip: Any) -> str:
    return "" if is_score_clip(clip) else first_reel(clip)


def _name_reel(element: Any, reel: str) -> None:
    """Say the reel of an asset or a clip before all else that its metadata say."""
    metadata = element.find("metadata")
    if metadata is None:
        metadata = etree.SubElement(element, "metadata")
    named = etree.Element("md")
    set_attributes(named, {"key": REEL, "value": reel})
    metadata.insert(0, named)


def _use(job: Job, asset: Asset, clip: Any, *, sound: bool) -> None:
    """Note on an asset that it is seen or heard."""
    element = asset.element
    element.set("hasAudio" if sound else "hasVideo", "1")
    if sound and element.get("audioSources") is None:
        element.set("audioSources", "1")
    if sound and is_score_clip(clip):
        set_attributes(element, {"audioChannels": "2", "audioRate": str(SAMPLE_RATE)})
    if not sound and job.version >= (1, 9) and element.get("videoSources") is None:
        element.set("videoSources", "1")


def _format(job: Job, media: Media, kept: Any) -> dict[str, str]:
    """The format of an asset's picture: as the file had it, or of its rate and the usual size."""
    found = texts(kept.get("format"))
    found.pop("id", None)
    if found:
        return found
    if media.is_still:
        return {"name": UNDEFINED}
    return frame_format(media.rate or job.grid.rate, job.size)


def _rate(reference: Any, kept: Any) -> Fraction | None:
    """Frames per second of a reference's picture: of its format, or of its range's own times."""
    try:
        frame_s = parse_time(texts(kept.get("format")).get("frameDuration") or "")
    except ValueError:
        frame_s = Fraction(0)
    if frame_s > 0:
        return snap_rate(1 / frame_s)
    available = getattr(reference, "available_range", None)
    return snap_rate(available.start_time.rate) if available is not None else None


def _is_instant(kept: Any) -> bool:
    """Whether a file said of an asset that it has no duration, as those of stills do."""
    return texts(kept.get("asset")).get("duration") == "0s"


def _range(available: Any) -> tuple[Fraction, Fraction]:
    return seconds(available.start_time), seconds(available.duration)
