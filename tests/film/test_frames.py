"""Frames are the right ones, read back from movies whose frames carry their number."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from coded_media import HEIGHT, WIDTH, coded, number, numbers, write_image, write_movie
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otio_hpm.errors import MediaError
from otio_hpm.film.frames import check_decodable, read_frames, stream_frames
from otio_hpm.timeline.media import MediaFile
from otio_hpm.timeline.media_probe import probe_file
from otio_hpm.timeline.picture import Layer, Picture, PictureSpan

NTSC = Fraction(1000, 1001)
RATES = [Fraction(24), 24 * NTSC, Fraction(25), 30 * NTSC, 60 * NTSC]
ONE = Fraction(1)


def shot(
    media: MediaFile, frames: int, start_s: Fraction = Fraction(0), speed: Fraction = ONE
) -> Picture:
    layer = Layer(name="shot", media=media, media_start_s=start_s, speed=speed)
    return Picture(spans=(PictureSpan(start_frames=0, end_frames=frames, layers=(layer,)),))


def shown(picture: Picture, frames: int, rate: Fraction, fps: int = 10) -> list[int]:
    return numbers(read_frames(picture, 0, frames, rate, fps=fps))


def record_frames(frames: int, rate: Fraction, fps: int = 10) -> list[int]:
    return [math.floor(k * rate / fps) for k in range(math.ceil(frames / rate * fps))]


@pytest.fixture(scope="module")
def movies(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, Fraction], MediaFile]:
    folder = tmp_path_factory.mktemp("movies")
    return {
        (suffix, rate): probe_file(write_movie(folder / f"{number}{suffix}", 130, rate))
        for suffix in (".mp4", ".webm", ".mkv")
        for number, rate in enumerate(RATES)
    }


@pytest.mark.parametrize("rate", RATES, ids=lambda rate: f"{float(rate):.2f}")
@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".mkv"])
def test_every_frame_of_a_trimmed_shot_is_the_right_one(movies, suffix, rate):
    movie = movies[suffix, rate]
    assert movie.rate == rate
    picture = shot(movie, 100, start_s=17 / rate)
    samples = read_frames(picture, 0, 100, rate, fps=100)
    assert numbers(samples) == [17 + frame for frame in record_frames(100, rate, 100)]


def test_a_transport_stream_without_an_index(tmp_path):
    movie = probe_file(write_movie(tmp_path / "a.ts", 130, 25))
    for start in (0, 1, 47, 90):
        picture = shot(movie, 40, start_s=Fraction(start, 25))
        assert shown(picture, 40, Fraction(25), 25) == list(range(start, start + 40))


@pytest.mark.parametrize("speed", ["2", "1/2", "5/4", "-1", "-2", "-1/2", "0"])
@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
@pytest.mark.parametrize("rate", [Fraction(24), 30 * NTSC], ids=["24", "29.97"])
def test_retimed_reversed_and_frozen_shots(movies, suffix, rate, speed):
    speed = Fraction(speed)
    first = Fraction(100 if speed < 0 else 20)
    picture = shot(movies[suffix, rate], 40, start_s=first / rate, speed=speed)
    expected = [
        math.ceil(first + frame * speed) - 1 if speed < 0 else math.floor(first + frame * speed)
        for frame in record_frames(40, rate, 60)
    ]
    assert shown(picture, 40, rate, 60) == expected


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rate=st.sampled_from(RATES),
    media_rate=st.sampled_from(RATES),
    start=st.integers(0, 60),
    speed=st.sampled_from([Fraction(n, 4) for n in (1, 2, 3, 4, 5)]),
)
def test_media_of_another_rate_show_the_frame_that_is_on_screen(
    movies, rate, media_rate, start, speed
):
    picture = shot(movies[".mp4", media_rate], 30, start_s=start / media_rate, speed=speed)
    expected = [
        min(129, math.floor(start + frame / rate * speed * media_rate))
        for frame in record_frames(30, rate)
    ]
    assert shown(picture, 30, rate) == expected


def test_variable_frame_rate_follows_the_time_stamps(tmp_path):
    gaps = [1, 5, 2, 9, 1, 1, 30, 4, 3] * 8
    ticks = [sum(gaps[:index]) for index in range(len(gaps))]
    path = write_movie(tmp_path / "vfr.mkv", len(gaps), 30, ticks=ticks, time_base=Fraction(1, 100))
    picture = shot(probe_file(path), 40, start_s=Fraction(1, 2))
    times = [
        50 + math.floor(Fraction(100 * frame, 25)) for frame in record_frames(40, Fraction(25), 25)
    ]
    expected = [sum(tick <= time for tick in ticks) - 1 for time in times]
    assert shown(picture, 40, Fraction(25), 25) == expected


def test_a_sample_shows_the_record_frame_at_its_time_and_black_outside(movies):
    movie = movies[".mp4", Fraction(25)]
    picture = Picture(
        spans=(
            PictureSpan(start_frames=-5, end_frames=0, layers=()),
            *shot(movie, 50).spans,
        )
    )
    frames = read_frames(picture, -5, 50, Fraction(25))
    assert frames.shape == (22, 36, 64, 3)
    assert frames.dtype == np.uint8
    assert not frames[:2].any()
    assert numbers(frames[2:]) == [math.floor(k * Fraction(25, 10)) - 5 for k in range(2, 22)]


def test_a_dissolve_mixes_linearly(tmp_path):
    dark = probe_file(write_image(tmp_path / "a.png", np.full((4, 4, 3), 40, np.uint8)))
    light = probe_file(write_image(tmp_path / "b.png", np.full((4, 4, 3), 240, np.uint8)))
    below = Layer(name="a", media=dark, media_start_s=Fraction(0), speed=Fraction(0))
    above = Layer(
        name="b",
        media=light,
        media_start_s=Fraction(0),
        speed=Fraction(0),
        opacity_start=Fraction(0),
        opacity_end=ONE,
    )
    span = PictureSpan(start_frames=0, end_frames=10, layers=(below, above))
    frames = read_frames(Picture(spans=(span,)), 0, 10, Fraction(10))
    assert frames[:, 0, 0, 0].tolist() == [40 + 20 * k for k in range(10)]


def test_alpha_shows_what_is_below_and_thin_letters_keep_their_weight(tmp_path):
    pixels = np.zeros((72, 128, 4), np.uint8)
    pixels[:, ::2] = 255
    title = probe_file(write_image(tmp_path / "title.png", pixels))
    grey = probe_file(write_image(tmp_path / "grey.png", np.full((8, 8, 3), 100, np.uint8)))
    layers = tuple(
        Layer(name="x", media=media, media_start_s=Fraction(0), speed=Fraction(0))
        for media in (grey, title)
    )
    assert title.has_alpha and not grey.has_alpha
    span = PictureSpan(start_frames=0, end_frames=1, layers=layers)
    frame = read_frames(Picture(spans=(span,)), 0, 1, Fraction(10))[0]
    assert np.abs(frame.astype(int) - 178).max() <= 2


@pytest.mark.parametrize(
    ("codec", "kind", "suffix"),
    [("libvpx-vp9", "yuva420p", ".webm"), ("prores_ks", "yuva444p10le", ".mov")],
)
def test_alpha_of_movies(tmp_path, codec, kind, suffix):
    path = tmp_path / f"alpha{suffix}"
    pixels = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    pixels[:, : WIDTH // 2] = (255, 255, 255, 255)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, kind
        for _ in range(4):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgba").reformat(format=kind)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    media = probe_file(path)
    assert media.has_alpha
    grey = probe_file(write_image(tmp_path / "grey.png", np.full((8, 8, 3), 100, np.uint8)))
    layers = tuple(
        Layer(name="x", media=m, media_start_s=Fraction(0), speed=ONE) for m in (grey, media)
    )
    span = PictureSpan(start_frames=0, end_frames=4, layers=layers)
    frame = read_frames(Picture(spans=(span,)), 0, 4, Fraction(10))[2].astype(int)
    assert frame[:, :28].min() > 245
    assert np.abs(frame[:, 36:] - 100).max() < 6


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_rotation_flags_turn_the_picture_as_a_player_does(tmp_path, turn):
    path = write_movie(tmp_path / "phone.mp4", 3, 24, rotation=-turn)
    media = probe_file(path)
    assert media.rotation == turn
    size = (72, 128) if turn % 180 else (128, 72)
    frame = read_frames(shot(media, 3), 0, 3, Fraction(24), fps=24, size=size)[2]
    assert number(np.rot90(frame, turn // 90)) == 2


@pytest.mark.parametrize("space", ["bt709", "smpte170m"])
def test_colours_follow_the_matrix_that_the_file_names(tmp_path, space):
    path = tmp_path / "red.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"colorspace": space, "crf": "1"})
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        luma, blue, red = (63, 102, 240) if space == "bt709" else (81, 90, 240)
        planes = np.concatenate(
            [np.full(64 * 36, luma), np.full(32 * 18, blue), np.full(32 * 18, red)]
        )
        frame = av.VideoFrame.from_ndarray(
            planes.astype(np.uint8).reshape(54, 64), format="yuv420p"
        )
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    pixel = read_frames(shot(probe_file(path), 1), 0, 1, Fraction(10))[0, 18, 32]
    assert np.abs(pixel.astype(int) - (255, 0, 0)).max() <= 4


def test_stills_are_held_and_sequences_run_at_their_rate(tmp_path):
    files = tuple(write_image(tmp_path / f"f.{n:04d}.png", coded(n)) for n in range(12))
    still = probe_file(files[7])
    assert still.kind == "still"
    assert shown(shot(still, 48), 48, Fraction(24)) == [7] * 20
    sequence = MediaFile(
        path=files[0],
        kind="sequence",
        files=(*files[:5], None, *files[6:]),
        rate=Fraction(12),
        duration_s=ONE,
    )
    forward = shown(shot(sequence, 24), 24, Fraction(24), 24)
    assert forward == [0 if n == 5 else n for n in range(12) for _ in range(2)]
    backward = shot(sequence, 24, start_s=ONE, speed=-ONE)
    assert shown(backward, 24, Fraction(24), 24) == forward[::-1]


def test_linear_light_is_shown_as_on_a_screen(tmp_path):
    path = tmp_path / "grey.exr"
    with av.open(str(path), "w", format="image2", options={"update": "1"}) as container:
        stream = container.add_stream("exr", rate=1)
        stream.width, stream.height, stream.pix_fmt = 16, 16, "gbrpf32le"
        frame = av.VideoFrame(16, 16, "gbrpf32le")
        for plane in frame.planes:
            plane.update(np.full(plane.buffer_size // 4, 0.18, np.float32).tobytes())
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    grey = read_frames(shot(probe_file(path), 1), 0, 1, Fraction(10))
    assert np.abs(grey.astype(int) - 118).max() <= 1


def test_a_movie_cut_short_is_found_before_it_is_needed(tmp_path):
    whole = write_movie(tmp_path / "a.mp4", 240, options={"movflags": "faststart"})
    media = probe_file(whole)
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    short = probe_file(whole)
    assert short.duration_s == media.duration_s
    check_decodable(shot(short, 20), Fraction(24))
    with pytest.raises(MediaError, match=r"a\.mp4"):
        check_decodable(shot(short, 240), Fraction(24))
    with pytest.raises(MediaError, match=r"a\.mp4"):
        read_frames(shot(short, 240), 0, 240, Fraction(24))


def test_burnt_in_timecode(media):
    """Frames as seen under four kinds of shot equal those decoded one after another."""
    path = media("burnt_in_timecode_30fps.mp4")
    wanted = {300, 359, 602, 718, 900}
    with av.open(str(path)) as container:
        decoded = enumerate(container.decode(video=0))
        truth = {
            index: frame.reformat(320, 180, "rgba", interpolation="AREA").to_ndarray()
            for index, frame in zip(range(901), (f for _, f in decoded), strict=False)
            if index in wanted
        }
    movie, rate = probe_file(Path(path)), Fraction(30)
    cases = [
        (Fraction(10), ONE, {0: 300, 59: 359}),
        (Fraction(20), Fraction(2), {1: 602, 59: 718}),
        (Fraction(12), -ONE, {0: 359, 59: 300}),
        (Fraction(30), Fraction(0), {0: 900, 59: 900}),
    ]
    for start_s, speed, expected in cases:
        picture = shot(movie, 60, start_s=start_s, speed=speed)
        frames = read_frames(picture, 0, 60, rate, fps=30, size=(320, 180))
        for record, index in expected.items():
            difference = np.abs(frames[record].astype(int) - truth[index][..., :3])
            assert difference.max() <= 1, (start_s, speed, record)


def test_burnt_in_timecodes_differ_from_frame_to_frame(media):
    movie = probe_file(media("burnt_in_timecode_30fps.mp4"))
    frames = read_frames(shot(movie, 30), 0, 30, Fraction(30), fps=30, size=(320, 180))
    changes = np.abs(np.diff(frames.astype(int), axis=0)).max(axis=(1, 2, 3))
    assert changes.min() > 30


def test_no_row_of_a_scaled_picture_runs_into_the_next(tmp_path):
    """At a width of 426, which is no multiple of four: white at the left, black at the right."""
    halves = np.zeros((720, 1280, 3), np.uint8)
    halves[:, :640] = 255
    path = tmp_path / "halves.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        for index in range(24):
            frame = av.VideoFrame.from_ndarray(halves, format="rgb24")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    frames = read_frames(shot(probe_file(path), 24), 0, 24, Fraction(24), fps=24, size=(426, 240))
    assert frames[:, :, :200].min() > 235
    assert frames[:, :, 226:].max() < 20


@pytest.mark.parametrize("rate", [Fraction(24), 30 * NTSC])
def test_frames_that_come_one_by_one_are_the_same_frames(movies, rate):
    movie = movies[".mp4", Fraction(25)]
    layer = Layer(name="a", media=movie, media_start_s=Fraction(0), speed=ONE)
    late = dataclasses.replace(layer, media_start_s=Fraction(2), opacity_start=Fraction(0))
    back = dataclasses.replace(layer, media_start_s=Fraction(4), speed=Fraction(-3, 2))
    fast = dataclasses.replace(late, speed=Fraction(2), opacity_start=ONE)
    parts = (((), 7), ((layer,), 20), ((layer, late), 15), ((layer, back), 25), ((fast,), 9))
    spans, start = [], -3
    for layers, frames in parts:
        spans.append(PictureSpan(start_frames=start, end_frames=start + frames, layers=layers))
        start += frames
    where = (Picture(spans=tuple(spans)), -3, start, rate)
    for fps in (10, 30):
        one_by_one = np.stack(list(stream_frames(*where, fps=fps)))
        assert np.array_equal(one_by_one, read_frames(*where, fps=fps))
    part = (where[0], 5, 60, rate)
    assert np.array_equal(np.stack(list(stream_frames(*part))), read_frames(*part))
