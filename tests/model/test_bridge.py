"""AudioLDM told of the film in words: it is the published pipeline, and says what it was told."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from audioldm_folder import save_audioldm
from diffusers import AudioLDMPipeline, AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from marked_film import make_film, make_maestro
from safetensors.torch import load_file
from tiny_clap import make_audible, save_clap
from tokenizers import Tokenizer
from transformers import ClapTextModelWithProjection, RobertaTokenizer, SpeechT5HifiGan

from otio_hpm.__main__ import main
from otio_hpm.errors import ModelError, OutputError
from otio_hpm.model.audioldm.bridge import convert_bridge
from otio_hpm.model.bridge import BridgePipeline
from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.loading import load_model
from otio_hpm.model.noise import seeded_noise
from otio_hpm.model.request import CueRequest
from otio_hpm.model.verification import verify
from otio_hpm.settings import ModelSettings
from otio_hpm.sketch.words import MOODS

WORDS = "serene, slow tempo, orchestral film score"
QUICK = ("--device", "cpu", "--precision", "float32", "--steps", "2")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = save_clap(save_audioldm(tmp_path_factory.mktemp("published")))
    make_audible(folder / "vocoder")
    return folder


@pytest.fixture(scope="module")
def pipeline(bridge: Path) -> BridgePipeline:
    loaded = load_model(str(bridge), "cpu", "float32")
    assert isinstance(loaded, BridgePipeline)
    return loaded


@pytest.fixture(scope="module")
def bridge(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return convert_bridge(published, tmp_path_factory.mktemp("models") / "bridge").folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OTIO_HPM_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def asked(samples: int, *words: str, **model: object) -> CueRequest:
    settings = ModelSettings(sampler="ddim", steps=3, guidance=2.5)
    return CueRequest(
        samples=samples, frames=np.zeros((103, 36, 64, 3), np.uint8), words=words, seed=4,
        model=dataclasses.replace(settings, **model),  # type: ignore[arg-type]
    )  # fmt: skip


def test_it_is_what_audioldm_s_own_pipeline_is(published: Path, pipeline: BridgePipeline) -> None:
    config = pipeline.config
    theirs = AudioLDMPipeline(
        vae=AutoencoderKL.from_pretrained(published / "vae"),
        text_encoder=ClapTextModelWithProjection.from_pretrained(published / "text_encoder"),
        tokenizer=RobertaTokenizer.from_pretrained(published / "tokenizer"),
        unet=UNet2DConditionModel.from_pretrained(published / "unet"),
        scheduler=DDIMScheduler.from_pretrained(published / "scheduler"),
        vocoder=SpeechT5HifiGan.from_pretrained(published / "vocoder"),
    )
    theirs.set_progress_bar_config(disable=True)
    shape = (1, config.latent_channels, config.window_latents, config.latent_bands)
    expected = theirs(
        WORDS, audio_length_in_s=10.24, num_inference_steps=3, guidance_scale=2.5,
        latents=seeded_noise(shape, 4),
    ).audios[0]  # fmt: skip
    sound = pipeline.generate(asked(config.window_samples, WORDS))
    assert sound.shape == expected.shape
    assert np.abs(expected).max() > 1e-3
    assert np.allclose(sound, expected, atol=1e-4 * np.abs(expected).max())


def test_other_words_are_other_music_and_without_guidance_the_empty_text_counts_not(
    pipeline: BridgePipeline,
) -> None:
    told = (WORDS, "dark, fast tempo")
    sounds = [pipeline.generate(asked(40_000, words, steps=1)) for words in told]
    assert not np.allclose(*sounds)
    free = pipeline.generate(asked(40_000, WORDS, guidance=1.0, steps=1))
    assert not np.allclose(free, sounds[0])


def test_windows_have_words_of_their_own(pipeline: BridgePipeline) -> None:
    samples = 12 * 16_000
    alike = pipeline.generate(asked(samples, WORDS, WORDS, steps=1))
    changed = pipeline.generate(asked(samples, WORDS, "dark, fast tempo", steps=1))
    window = pipeline.config.window_samples
    assert not np.allclose(alike[window:], changed[window:])
    with pytest.raises(ValueError, match="2 windows"):
        pipeline.generate(asked(samples, WORDS))


def test_every_weight_of_the_source_is_kept(bridge: Path, published: Path, tmp_path: Path) -> None:
    done = convert_bridge(published, tmp_path / "again")
    totals = done.coverage.totals()
    for part in ("vae", "vocoder", "text_encoder"):
        assert {state for of, state in totals if of == part} <= {"kept", "computed"}
    assert {state for of, state in totals if of == "vm_unet"} == {"kept", "new"}
    assert not [state for of, state in totals if not of]
    names = {path.name for path in bridge.iterdir()}
    assert names == {
        "config.json", "checksums.json", "MODEL_CARD.md", "tokenizer.json", "vm_unet.safetensors",
        "vae.safetensors", "vocoder.safetensors", "text_encoder.safetensors",
    }  # fmt: skip
    assert verify(str(bridge)).problems == ()
    (tmp_path / "again" / "tokenizer.json").write_text("{}", "utf-8")
    assert "tokenizer.json" in verify(str(tmp_path / "again")).problems[0]


def test_older_folders_serve_as_well(bridge: Path, published: Path, tmp_path: Path) -> None:
    """Those have a vocabulary with merges, and no constants among the weights."""
    old = tmp_path / "old"
    shutil.copytree(published, old)
    weights = load_file(old / "text_encoder" / "model.safetensors")
    for constant in ("position_ids", "token_type_ids"):
        del weights[f"text_model.embeddings.{constant}"]
    (old / "text_encoder" / "model.safetensors").unlink()
    torch.save(weights, old / "text_encoder" / "pytorch_model.bin")
    told = json.loads((old / "tokenizer" / "tokenizer.json").read_text("utf-8"))["model"]
    (old / "tokenizer" / "tokenizer.json").unlink()
    (old / "tokenizer" / "vocab.json").write_text(json.dumps(told["vocab"]), "utf-8")
    merges = "\n".join(" ".join(pair) for pair in told["merges"])
    (old / "tokenizer" / "merges.txt").write_text(f"#version: 0.2\n{merges}\n", "utf-8")
    convert_bridge(old, tmp_path / "out")
    read = (Tokenizer.from_file(str(f / "tokenizer.json")) for f in (bridge, tmp_path / "out"))
    assert len({tuple(tokenizer.encode(WORDS).ids) for tokenizer in read}) == 1
    ours, same = (load_file(f / "text_encoder.safetensors") for f in (bridge, tmp_path / "out"))
    assert ours.keys() == same.keys()
    assert all(torch.equal(ours[name], same[name]) for name in ours)


def test_a_folder_without_words_and_an_output_that_exists_are_refused(
    published: Path, tmp_path: Path
) -> None:
    with pytest.raises(OutputError, match="exists already"):
        convert_bridge(published, tmp_path)
    without = tmp_path / "without"
    shutil.copytree(published, without)
    shutil.rmtree(without / "tokenizer")
    with pytest.raises(ModelError, match="no folder tokenizer"):
        convert_bridge(without, tmp_path / "out")
    told = json.loads((published / "text_encoder" / "config.json").read_text("utf-8"))
    other = tmp_path / "other"
    shutil.copytree(published, other)
    for change, words in (({"projection_dim": 64}, "64 values"), ({"hidden_act": "relu"}, "relu")):
        text = json.dumps({**told, **change})
        (other / "text_encoder" / "config.json").write_text(text, "utf-8")
        with pytest.raises(ModelError, match=words):
            convert_bridge(other, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_film_is_scored_by_its_name_and_the_sidecar_has_the_words(
    published: Path, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ModelError) as error:
        model_folder("audioldm-bridge")
    assert "otio-hpm model fetch audioldm-s-full-v2" in error.value.hint
    assert main(["model", "convert", "audioldm-bridge", str(published)]) == 0
    assert "text_encoder: " in capsys.readouterr().out
    assert model_folder("audioldm-bridge") == home / "audioldm-bridge"
    theme = make_maestro(tmp_path / "theme.wav")
    cut = make_film(tmp_path, ("SCORE", None, f"SCORE maestro={theme.name} style=both"))
    out = tmp_path / "out.otio"
    arguments = [str(cut), "-o", str(out), "--model", "audioldm-bridge", *QUICK]
    assert main(["score", *arguments]) == 0
    err = capsys.readouterr().err
    assert "told of the film in words and follows nothing else" in err
    assert "style, maestro cues and sketches that were asked for are left out" in err
    assert "bound by their licence" in err
    for number in ("1m1", "1m2"):
        facts = json.loads((tmp_path / "out_audio" / f"R1_{number}_t01.json").read_text("utf-8"))
        assert facts["cue"]["follows"] == "nothing"
        assert facts["sketch"] is None
        assert facts["model"]["licence"] == "CC-BY-NC-SA-4.0"
        assert len(facts["words"]) == len(facts["windows"]["starts"]) == 1
        assert any(mood[0] in facts["words"][0] for mood in MOODS)


def test_spot_says_that_nothing_is_followed(
    bridge: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["spot", str(make_film(tmp_path, ("SCORE",))), "--model", str(bridge)]) == 0
    out, err = capsys.readouterr()
    assert "sketch   none, the film alone" in out
    assert "told of the film in words" in err
    assert "not been trained on film" not in err


def test_it_is_neither_trained_nor_measured(
    bridge: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, clips = tmp_path / "run", tmp_path / "clips"
    clips.mkdir()
    for name in ("a.wav", "b.wav"):
        make_maestro(clips / name)
    for arguments in (
        ["train", "base", "--model", str(bridge), "--run", str(run), "--device", "cpu"],
        ["evidence", str(bridge), "-o", str(tmp_path / "evidence"), "--device", "cpu"],
        ["evaluate", str(clips), "--system", "round-trip", "--model", str(bridge), "-o",
         str(tmp_path / "compared"), "--device", "cpu"],
    ):  # fmt: skip
        assert main(arguments) == 8
        assert "neither trained nor measured" in capsys.readouterr().err
    assert not run.exists()
