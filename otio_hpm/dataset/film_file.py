"""A stretch of one film's file as a segment."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from otio_hpm.dataset.clip import Facts
from otio_hpm.dataset.segment import Segment, SoundPart
from otio_hpm.errors import MediaError
from otio_hpm.timeline.media import MediaFile
from otio_hpm.timeline.picture import Layer, Picture, PictureSpan


def movie_length_s(media: MediaFile) -> Fraction:
    """Seconds of picture. Raises MediaError for what is no movie."""
    if media.kind != "movie" or not media.duration_s or not media.rate:
        raise MediaError(f"{media.path} is no movie")
    return media.duration_s


def film_segment(
    media: MediaFile, facts: Facts, where: str, start_s: Fraction, end_s: Fraction,
    audio: tuple[Path, Fraction] | None = None,
) -> Segment:  # fmt: skip
    """`start_s` to `end_s` of a movie; where its picture ends, the last frame is held.

    `audio` is the file that has the score, and where in it the segment begins; without one the
    movie's own sound is. Raises MediaError for what is no movie, or has no sound.
    """
    movie_length_s(media)
    rate = media.rate or Fraction(1)
    if audio is None and not media.has_audio:
        raise MediaError(f"{media.path} has no sound", hint="Name the file of its score.")
    path, audio_s = audio or (media.path, start_s)
    layer = Layer(name=media.path.name, media=media, media_start_s=start_s, speed=Fraction(1))
    frames = int((end_s - start_s) * rate) + 1
    span = PictureSpan(start_frames=0, end_frames=max(frames, 1), layers=(layer,))
    return Segment(
        facts=facts,
        source=media.path.name,
        where=where,
        start_s=start_s,
        duration_s=end_s - start_s,
        picture=Picture(spans=(span,)),
        first_frame=0,
        rate=rate,
        sound=(SoundPart(path=path, start_s=audio_s, duration_s=end_s - start_s),),
    )
