"""Series of takes that measures share: what is asked of the model, and in which style.

Takes of one cue have the same noise in every style, so that styles are compared on equal terms.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.evidence.material import hit_points_s
from otio_hpm.evaluation.evidence.sizes import LONG_WINDOWS
from otio_hpm.model.config import FILM_FPS, ModelConfig
from otio_hpm.model.pipeline import window_seed
from otio_hpm.model.request import CueRequest
from otio_hpm.model.windows import WindowPlan, plan_windows
from otio_hpm.music.controls import Controls
from otio_hpm.settings import MusicSettings
from otio_hpm.sketch.compose import Wishes, compose_sketch
from otio_hpm.sketch.course import course_of
from otio_hpm.sketch.following import controls_of_sketch

if TYPE_CHECKING:
    from otio_hpm.evaluation.evidence.bench import Bench

Frames = NDArray[np.uint8]

FOOTAGE_SEED = 1
"""One noise for all windows of real footage: what differs between them is the picture."""
STEPS = (4, 8, 20)
"""What the model's own steps are compared with."""
DRAWN = 8
_MUSIC = MusicSettings()


def none(bench: Bench) -> list[CueRequest]:
    """Film alone."""
    return [_request(bench, p.frames, None, i) for i, p in enumerate(bench.pairs)]


def auto(bench: Bench) -> list[CueRequest]:
    """Each cue after its own sketch, with two hit points."""
    return [
        _request(bench, pair.frames, sketched(pair.frames, bench.config, i, hits=True), i)
        for i, pair in enumerate(bench.pairs)
    ]


def maestro(bench: Bench) -> list[CueRequest]:
    """Melody and dynamics of another held-out cue."""
    return [
        _request(bench, pair.frames, controls, i)
        for i, (pair, controls) in enumerate(zip(bench.pairs, bench.maestros, strict=True))
    ]


def melody(bench: Bench) -> list[CueRequest]:
    """Melody of another cue, dynamics free."""
    return _followed(bench, melody=True, dynamics=False)


def dynamics(bench: Bench) -> list[CueRequest]:
    """Dynamics of another cue, melody free."""
    return _followed(bench, melody=False, dynamics=True)


def recordings(bench: Bench) -> list[CueRequest]:
    """Excerpts of real recordings as maestros of composed films."""
    from otio_hpm.music.controls import controls_of

    return [
        _request(
            bench, bench.pairs[i % len(bench.pairs)].frames, controls_of(e.sound, bench.config), i
        )
        for i, e in enumerate(bench.excerpts)
    ]


def footage(bench: Bench) -> list[CueRequest]:
    """Real footage, film alone, one noise."""
    return [_request(bench, f.frames, None, FOOTAGE_SEED) for f in bench.footage]


def footage_auto(bench: Bench) -> list[CueRequest]:
    """Real footage after sketches that have one seed, one noise."""
    return [
        _request(bench, f.frames, sketched(f.frames, bench.config, FOOTAGE_SEED), FOOTAGE_SEED)
        for f in bench.footage
    ]


def long(bench: Bench) -> list[CueRequest]:
    """Long cues of several windows, denoised jointly, film alone."""
    return [_long(bench, i) for i in range(bench.sizes.long)]


def long_auto(bench: Bench) -> list[CueRequest]:
    """The same long cues, each after one sketch."""
    return [_sketched(bench, request) for request in bench.requests("long")]


def apart(bench: Bench) -> list[CueRequest]:
    """The windows of the long cues, each for itself, as `join="crossfade"` renders them."""
    found = []
    for request in bench.requests("long"):
        for k, start in enumerate(long_plan(bench.config).starts):
            first = round(start * bench.config.latent_s * FILM_FPS)
            seen = request.frames[first : first + bench.config.film_seconds * FILM_FPS]
            found.append(_request(bench, seen, None, window_seed(request.seed, k)))
    return found


def apart_auto(bench: Bench) -> list[CueRequest]:
    """The same windows, each after a sketch of its own, as of clips that know of no others."""
    return [_sketched(bench, request) for request in bench.requests("apart")]


def _sketched(bench: Bench, request: CueRequest) -> CueRequest:
    """What is asked for, after a sketch."""
    frames, samples, seed = request.frames, request.samples, request.seed
    controls = sketched(frames, bench.config, seed, samples=samples)
    return _request(bench, frames, controls, seed, samples=samples)


def long_plan(config: ModelConfig) -> WindowPlan:
    """Windows of a long cue."""
    overlap = round(_MUSIC.overlap_s / config.latent_s)
    latents = config.window_latents + (LONG_WINDOWS - 1) * (config.window_latents - overlap)
    samples = latents * config.latent_hop
    return plan_windows(samples, config, _MUSIC.window_s, _MUSIC.overlap_s)


def sketched(
    frames: Frames, config: ModelConfig, seed: int, *, hits: bool = False, samples: int = 0
) -> Controls:
    """Controls of the sketch of a film; a window long where no length is given."""
    samples = samples or config.window_samples
    points = hit_points_s(seed, samples / config.sample_rate) if hits else np.zeros(0)
    wishes = Wishes(hits_samples=tuple(round(p * config.sample_rate) for p in points))
    sketch = compose_sketch(course_of(frames), samples, seed, wishes)
    return controls_of_sketch(sketch, config)


def rungs(bench: Bench) -> list[CueRequest]:
    """The sketched cues that stand for us on the ladder."""
    return bench.requests("auto")[: bench.sizes.rungs]


def free_rungs(bench: Bench) -> list[CueRequest]:
    """The cues of film alone on the ladder."""
    return bench.requests("none")[: bench.sizes.rungs]


def gallery(bench: Bench) -> list[CueRequest]:
    """Cues over real footage that are drawn: at most eight, spread evenly."""
    return [bench.requests("footage auto")[i] for i in drawn(bench)]


def drawn(bench: Bench) -> list[int]:
    """Numbers of the windows of footage that are drawn."""
    count = len(bench.footage)
    return sorted(set(np.linspace(0, count - 1, DRAWN).astype(int).tolist())) if count else []


def own_steps(bench: Bench) -> list[CueRequest]:
    """What sampling in other numbers of steps is compared with."""
    return bench.requests("maestro")[: bench.sizes.other_steps]


def _in(steps: int) -> Callable[[Bench], list[CueRequest]]:
    def build(bench: Bench) -> list[CueRequest]:
        return [
            _request(bench, r.frames, r.controls, r.seed, steps=steps)
            for r in own_steps(bench)
        ]

    return build


def _followed(bench: Bench, *, melody: bool, dynamics: bool) -> list[CueRequest]:
    chosen = list(zip(bench.pairs, bench.maestros, strict=True))[: bench.sizes.alone]
    return [
        _request(bench, pair.frames, controls.followed(melody=melody, dynamics=dynamics), i)
        for i, (pair, controls) in enumerate(chosen)
    ]


def _long(bench: Bench, index: int) -> CueRequest:
    """A composed film to and fro: long, and without a cut where windows meet."""
    samples = long_plan(bench.config).length * bench.config.latent_hop
    frames = bench.pairs[index].frames
    count = -(-samples * FILM_FPS // bench.rate)
    both = np.concatenate([frames, frames[::-1]])
    film = np.concatenate([both] * -(-count // len(both)))[:count]
    return _request(bench, film, None, index, samples=samples)


def _request(
    bench: Bench, frames: Frames, controls: Controls | None, seed: int, *,
    samples: int = 0, steps: int = 0,
) -> CueRequest:  # fmt: skip
    steps = steps or bench.sampling.steps_for(followed=controls is not None)
    return CueRequest(
        samples=samples or bench.config.window_samples,
        frames=frames,
        controls=controls,
        seed=seed,
        model=dataclasses.replace(bench.sampling, steps=steps, followed_steps=None),
        music=_MUSIC,
    )


SERIES: dict[str, Callable[[Bench], list[CueRequest]]] = {
    "none": none,
    "auto": auto,
    "maestro": maestro,
    "melody": melody,
    "dynamics": dynamics,
    "recordings": recordings,
    "footage": footage,
    "footage auto": footage_auto,
    "long": long,
    "long auto": long_auto,
    "apart": apart,
    "apart auto": apart_auto,
    "rungs": rungs,
    "free rungs": free_rungs,
    "gallery": gallery,
    "own steps": own_steps,
    **{f"{steps} steps": _in(steps) for steps in STEPS},
}
