#!/usr/bin/env python3
"""Makes goldens.safetensors: clips, and their features as independent implementations compute them.

    python3 make_goldens.py            # with the packages of requirements.txt, and Debian's asterisk-core-sounds-en-wav

The tests read the clips from the file too, so they need neither Debian's recordings nor Python. Tensors:

    audio/CLIP              int16 [samples], 16 kHz
    PEER-KIND-CASE/CLIP     float32 [frames, bins]

The tests that read them, with the tolerances: Tests/SignalTests/GoldenTests.swift.
"""

import json
import pathlib
import sys
import types

import kaldi_native_fbank as knf
import librosa
import numpy as np
import safetensors.numpy
import soundfile
import soxr
import torch

SOUNDS = pathlib.Path("/usr/share/asterisk/sounds/en_US_f_Allison")
RATE = 16000


def hide_native_torchaudio():
    """torchaudio.compliance.kaldi is Python alone, but the wheel's native library insists on CUDA: leave it out."""
    extension = types.ModuleType("torchaudio._extension")
    extension.fail_if_no_align = lambda function: function
    extension._IS_ALIGN_AVAILABLE = False
    extension._IS_TORCHAUDIO_EXT_AVAILABLE = False
    sys.modules["torchaudio._extension"] = extension


hide_native_torchaudio()
import torchaudio  # noqa: E402
import torchaudio.compliance.kaldi as torch_kaldi  # noqa: E402
import whisper  # noqa: E402
import whisper.audio  # noqa: E402


def speech(*names):
    """Prompts of a telephone exchange (8 kHz), one after the other, at 16 kHz."""
    parts = [soundfile.read(SOUNDS / f"{name}.wav", dtype="float32") for name in names]
    assert all(rate == 8000 for _, rate in parts)
    return soxr.resample(np.concatenate([samples for samples, _ in parts]), 8000, RATE, "HQ")


def to_int16(samples):
    return np.clip(np.round(samples * 32768), -32768, 32767).astype(np.int16)


def make_clips():
    time = np.arange(RATE) / RATE
    digits = to_int16(speech("digits/7", "digits/3"))
    noise = np.random.Generator(np.random.PCG64(7)).normal(0, 0.05, RATE // 4)
    clips = {
        "hello-world": to_int16(speech("hello-world")),
        "digits": digits,
        "tone": to_int16(0.5 * np.sin(2 * np.pi * 440 * time[: RATE // 4])),
        "loud-tone": to_int16(0.9999 * np.sin(2 * np.pi * 3137 * time[: RATE // 4])),
        "sweep": to_int16(0.3 * np.sin(2 * np.pi * (100 * time + 3900 * time**2))[: RATE // 2]),
        "noise": to_int16(noise),
        "offset": to_int16(noise[:2000] * 0.1 + 0.4),
        "silence": np.zeros(RATE // 5, np.int16),
    }
    for samples in (79, 80, 241, 399, 400, 401, 559, 560):  # around one frame, from the middle of a vowel
        clips[f"short-{samples}"] = digits[3200 : 3200 + samples]
    return clips


def knf_frames(online, scaled):
    online.accept_waveform(RATE, scaled.tolist())
    online.input_finished()
    rows = [online.get_frame(i) for i in range(online.num_frames_ready)]
    return np.stack(rows) if rows else None


def knf_fbank(clip, bins=80, snip_edges=True, window="povey", preemphasis=0.97, length=25.0, shift=10.0, high=0.0):
    options = knf.FbankOptions()
    options.frame_opts.samp_freq = RATE
    options.frame_opts.dither = 0
    options.frame_opts.snip_edges = snip_edges
    options.frame_opts.window_type = window
    options.frame_opts.preemph_coeff = preemphasis
    options.frame_opts.frame_length_ms = length
    options.frame_opts.frame_shift_ms = shift
    options.mel_opts.num_bins = bins
    options.mel_opts.high_freq = high
    return knf_frames(knf.OnlineFbank(options), clip.astype(np.float32))


def knf_mfcc(clip, bins=23, cepstra=13, use_energy=True, lifter=22.0):
    options = knf.MfccOptions()
    options.frame_opts.samp_freq = RATE
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = bins
    options.num_ceps = cepstra
    options.use_energy = use_energy
    options.cepstral_lifter = lifter
    return knf_frames(knf.OnlineMfcc(options), clip.astype(np.float32))


def torchaudio_fbank(clip, snip_edges=True):
    waveform = torch.from_numpy(clip.astype(np.float32))[None]
    return torch_kaldi.fbank(waveform, num_mel_bins=80, snip_edges=snip_edges, sample_frequency=RATE).numpy()


def torchaudio_mfcc(clip):
    waveform = torch.from_numpy(clip.astype(np.float32))[None]
    return torch_kaldi.mfcc(waveform, use_energy=True, sample_frequency=RATE).numpy()


def openai_whisper(clip, bins=80):
    waveform = torch.from_numpy(clip.astype(np.float32) / 32768)
    return whisper.audio.log_mel_spectrogram(waveform, n_mels=bins).numpy().T


def librosa_whisper(clip, bins=80):
    """Whisper's steps from librosa's parts, its own mel filters included."""
    power = librosa.feature.melspectrogram(
        y=clip.astype(np.float32) / 32768, sr=RATE, n_fft=400, hop_length=160, window="hann", center=True,
        pad_mode="reflect", power=2.0, n_mels=bins, htk=False, norm="slaney",
    )[:, :-1]
    log = np.log10(np.maximum(power, 1e-10))
    return ((np.maximum(log, log.max() - 8) + 4) / 4).T


def main():
    clips = make_clips()
    tensors = {f"audio/{name}": clip for name, clip in clips.items()}
    speeches = ["hello-world"]
    shorts = [name for name in clips if name.startswith("short-")]
    centred = [name for name in clips if len(clips[name]) > 200]  # torch reflects no further than the clip
    cases = [
        ("knf-fbank-default", list(clips), knf_fbank),
        ("knf-fbank-mirrored", ["hello-world"] + shorts, lambda clip: knf_fbank(clip, snip_edges=False)),
        (
            "knf-fbank-variant", ["digits"],
            lambda clip: knf_fbank(clip, 40, window="hamming", preemphasis=0.9, length=20, shift=12.5, high=-400),
        ),
        ("knf-mfcc-default", list(clips), knf_mfcc),
        ("knf-mfcc-variant", ["digits"], lambda clip: knf_mfcc(clip, 30, 20, use_energy=False, lifter=0)),
        ("torchaudio-fbank-default", speeches, torchaudio_fbank),
        ("torchaudio-fbank-mirrored", ["short-401"], lambda clip: torchaudio_fbank(clip, snip_edges=False)),
        ("torchaudio-mfcc-default", speeches, torchaudio_mfcc),
        ("openai-whisper-80", centred, openai_whisper),
        ("openai-whisper-128", speeches, lambda clip: openai_whisper(clip, 128)),
        ("librosa-whisper-80", speeches, librosa_whisper),
    ]
    for case, names, compute in cases:
        for name in names:
            features = compute(clips[name])
            if features is not None and len(features):
                tensors[f"{case}/{name}"] = np.ascontiguousarray(features, dtype=np.float32)

    versions = {
        "kaldi-native-fbank": knf.__version__, "torch": torch.__version__, "torchaudio": torchaudio.__version__,
        "openai-whisper": whisper.__version__, "librosa": librosa.__version__, "numpy": np.__version__,
        "soxr": soxr.__version__,
    }
    path = pathlib.Path(__file__).parent / "goldens.safetensors"
    # One entry, because safetensors writes several in an order that changes from run to run.
    safetensors.numpy.save_file(tensors, path, metadata={"made_with": json.dumps(versions)})
    for name in sorted(tensors):
        print(f"{name:40} {tensors[name].dtype} {list(tensors[name].shape)}")
    print(f"{path.stat().st_size} bytes, {versions}")


if __name__ == "__main__":
    main()
