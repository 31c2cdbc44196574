"""One configuration from which every length, shape and channel count of a model derives."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from otio_hpm.errors import ModelError
from otio_hpm.files import write_text
from otio_hpm.model.text_config import TextConfig
from otio_hpm.timing import SAMPLE_RATE

FilmAttention = Literal["replaced", "decoupled"]

FILM_FPS = 10
"""Frames of picture per second that every model sees (paper section 4.1)."""
_TUNINGS_HZ = (220.0, 880.0)
_MEASURED_STEPS = 20


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """Shape of an HPM model; the defaults are the embedded one's, what differs is AudioLDM's.

    Time runs on three grids: samples, spectrogram frames (`hop` samples) and latent frames
    (`latent_hop` samples). Windows are whole latent frames that the UNet can halve.
    """

    sample_rate: int = 48_000
    """Samples per second of the model's own sound."""
    n_fft: int = 2048
    """Window of the spectrogram, samples."""
    hop: int = 768
    """Samples per spectrogram frame."""
    bands: int = 128
    """Bands per spectrogram frame."""
    spectrogram: Literal["linear", "mel"] = "linear"
    """`linear`: bands of single bins, then logarithmic, with a soft floor. `mel`: Slaney's bands of
    an unscaled spectrum, natural logarithm with a hard floor, as AudioLDM has it."""
    linear_to_hz: float = 2000.0
    """Up to here a band is one FFT bin; above, bands are spaced logarithmically."""
    top_hz: float = 20_000.0
    """Upper edge of the highest band."""
    magnitude_floor: float = 1e-4
    """Added to magnitudes before the logarithm (a full-scale sine has 0.5); of mel the least."""
    log_mean: float = -7.0
    """Log magnitude that is stored as 0."""
    log_scale: float = 2.0
    """Log magnitude per stored unit."""
    fold_frames: int = 2
    """Neighbouring frames folded into channels before the autoencoder."""
    fold_bands: int = 4
    """Neighbouring bands folded into channels before the autoencoder."""
    vae_channels: tuple[int, ...] = (64, 128)
    """Width of each autoencoder level; each level but the last halves time and bands."""
    vae_layers: int = 1
    """Residual blocks per autoencoder level."""
    vae_attention: bool = False
    """Whether the autoencoder's middle attends over the whole latent."""
    latent_channels: int = 16
    """Channels of the latent."""
    window_latents: int = 160
    """Latent frames of one window."""
    unet_channels: tuple[int, ...] = (96, 160, 192, 256)
    """Width of each UNet level."""
    unet_attention: tuple[bool, ...] = (False, False, True, True)
    """Levels with self-attention and cross-attention to the film tokens."""
    unet_layers: int = 1
    """Residual blocks per level."""
    head_channels: int = 32
    """Channels per attention head."""
    attention_heads: int | None = None
    """Heads at every level, where their number does not follow from `head_channels`."""
    norm_groups: int = 16
    """Groups of every group normalisation."""
    class_concat: bool = False
    """The fused film vector's embedding stands beside that of the noise level, not added to it."""
    film_attention: FilmAttention = "replaced"
    """Where film tokens are attended to: in place of each block's second self-attention, or in an
    attention of their own beside it, which begins as nothing."""
    film_size: int = 512
    """Size of a film feature and of a film token."""
    fusion_heads: int = 8
    """Heads of the attention feature fusion."""
    film_channels: int = 16
    """Channels beside the latent that carry the film's course in time, together with codes of time
    and band; 0 for the bare latent."""
    film_seconds: int = 10
    """Per-second tokens of one window."""
    semantic_size: int = 59
    """Length of the semantic descriptor."""
    aesthetic_size: int = 6
    """Length of the aesthetic descriptor."""
    emotion_size: int = 10
    """Length of the emotion descriptor."""
    time_periods_s: tuple[float, ...] = (20.48, 10.24, 5.12, 2.56, 1.28)
    """Periods of the sinusoidal time code that tokens and latents share, seconds."""
    control_channels: int = 96
    """Width of the control encoders."""
    vocoder_channels: int = 256
    """Width of the vocoder, of HiFi-GAN at its entry."""
    vocoder_layers: int = 6
    """Depth of the vocoder, not of HiFi-GAN."""
    hifigan_rates: tuple[int, ...] = ()
    """Upsampling of each level of a HiFi-GAN, `hop` in all; empty where the vocoder is ours."""
    hifigan_kernels: tuple[int, ...] = ()
    """Kernel of each level's upsampling."""
    hifigan_blocks: tuple[int, ...] = (3, 7, 11)
    """Kernels of the residual blocks of every level."""
    griffin_lim_steps: int = 12
    """Griffin-Lim's iterations; none of a HiFi-GAN."""
    tuning_hz: float | None = 440.0
    """A of the equal temperament on which Griffin-Lim's low partials stand, where bands are single
    bins; None for music of other scales, whose partials then stand where bands show them."""
    train_steps: int = 1000
    """Noise levels of the diffusion."""
    noise: Literal["cosine", "scaled_linear"] = "cosine"
    """How noise grows over the levels."""
    betas: tuple[float, float] = (0.0015, 0.0195)
    """First and last of the `scaled_linear` ones."""
    prediction: Literal["v", "epsilon"] = "v"
    """What the UNet predicts: velocity, or the noise itself."""
    pacing_channels: int = 96
    """Width of what reads pace and level off films and latents."""
    has_pacing: bool = False
    """Whether that is trained and ships, so that free music keeps the pace of its film."""
    has_vocoder: bool = False
    """Whether a trained vocoder ships: ours tells Griffin-Lim what wide bands hold, HiFi-GAN makes
    the sound itself."""
    random_seed: int | None = None
    """Set for a model that has no weights but seeded random ones, for tests."""
    text: TextConfig | None = None
    """Text encoder of a model that is told of the film in words; None for one that sees it."""
    film_trained: bool = True
    """False where nothing that listens to the film has been trained yet."""
    licence: str = "Apache-2.0"
    """SPDX expression of the licence of the weights, and of what they were trained from."""
    seconds_per_window: float = 4.0
    """Measured cost of a window at 20 steps on two cores; for `estimated_s` only."""

    def __post_init__(self) -> None:
        """Raises ValueError for an A that is none."""
        low, high = _TUNINGS_HZ
        a = self.tuning_hz
        if a is not None and (type(a) not in (int, float) or not low <= a <= high):
            raise ValueError(f"tuning_hz is null or from {low:g} to {high:g}, not {a!r}")

    @cached_property
    def heads(self) -> tuple[int, ...]:
        """Attention heads of each UNet level."""
        fixed = self.attention_heads
        return tuple(fixed or width // self.head_channels for width in self.unet_channels)

    @cached_property
    def ratio(self) -> int:
        """Spectrogram frames per latent frame."""
        return int(self.fold_frames * 2 ** (len(self.vae_channels) - 1))

    @cached_property
    def latent_hop(self) -> int:
        """Samples per latent frame."""
        return self.hop * self.ratio

    @cached_property
    def latent_bands(self) -> int:
        """Band positions of the latent."""
        return int(self.bands // (self.fold_bands * 2 ** (len(self.vae_channels) - 1)))

    @cached_property
    def window_frames(self) -> int:
        """Spectrogram frames of one window."""
        return self.window_latents * self.ratio

    @cached_property
    def window_samples(self) -> int:
        """Samples of one window."""
        return self.window_latents * self.latent_hop

    @cached_property
    def unet_stride(self) -> int:
        """Latent frames must be a multiple of this."""
        return int(2 ** (len(self.unet_channels) - 1))

    @cached_property
    def latent_s(self) -> Fraction:
        """Seconds per latent frame."""
        return Fraction(self.latent_hop, self.sample_rate)

    @cached_property
    def descriptor_size(self) -> int:
        """Length of the three descriptors stacked."""
        return self.semantic_size + self.aesthetic_size + self.emotion_size

    @property
    def followed_steps(self) -> int:
        """Solver steps of music that follows something, where none are named.

        Five measure as twenty do with v-prediction on cosine levels (the embedded model's card).
        What predicts the noise divides by next to nothing where there is little else, and errs
        more in few steps.
        """
        return 5 if self.prediction == "v" else 10

    @cached_property
    def code_channels(self) -> int:
        """Channels of the time code."""
        return 2 * len(self.time_periods_s)

    def own_samples(self, samples: int) -> int:
        """Samples at the model's rate that cover `samples` at 48 kHz."""
        return -(-samples * self.sample_rate // SAMPLE_RATE)

    def latents_for(self, samples: int) -> int:
        """Latent frames that cover `samples`."""
        return -(-samples // self.latent_hop)

    def estimated_s(self, steps: int) -> float:
        """Estimated seconds of so many steps, each of one window, on two cores."""
        return steps * self.seconds_per_window / _MEASURED_STEPS

    def save(self, path: Path) -> None:
        """Write as JSON, over an earlier one. Raises OutputError."""
        write_text(path, json.dumps(asdict(self), indent=2) + "\n", overwrite=True)

    @classmethod
    def load(cls, path: Path) -> ModelConfig:
        """Read from JSON. Raises ModelError naming the file where it is not understood."""
        try:
            return cls.from_dict(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise ModelError(
                f"model configuration {path} cannot be read: {error}",
                hint="Name a model folder with a config.json, or use --model embedded.",
            ) from error

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ModelConfig:
        """From plain JSON values; lists become tuples.

        Raises ValueError or TypeError for what is no configuration.
        """
        if not isinstance(values, dict):
            raise ValueError("it is no object")
        if (text := values.get("text")) is not None:
            values = {**values, "text": TextConfig(**text)}
        frozen: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items()
        }
        made = cls(**frozen)
        for name, hint in get_type_hints(cls).items():
            if not _is_of(getattr(made, name), hint):
                raise ValueError(f"{name} cannot be {getattr(made, name)!r}")
        return made


def _is_of(value: object, hint: Any) -> bool:
    """Whether a value read from JSON is of the type that a field is to have."""
    origin, kinds = get_origin(hint), get_args(hint)
    if origin is Literal:
        return value in kinds
    if origin is UnionType:
        return any(_is_of(value, kind) for kind in kinds)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        each = kinds[:1] * len(value) if kinds[-1] is ... else kinds
        return len(value) == len(each) and all(map(_is_of, value, each))
    if hint is float:
        return isinstance(value, int | float) and type(value) is not bool and math.isfinite(value)
    return type(value) is hint
