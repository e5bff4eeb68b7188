#!/usr/bin/env python3
"""Features from Python, on one thread, computation alone.

    features.py LIBRARY AUDIO LENGTHS REPEATS OUT

AUDIO holds float32 clips at 16 kHz, one behind the other; LENGTHS their lengths in samples, a line each. One pass writes the
features to OUT, float32 rows; REPEATS more are timed, and the median of their seconds is printed as JSON. Whatever can be
prepared once (filters, windows, the scale of the samples) is prepared before the clock starts.
"""

import argparse
import json
import statistics
import sys
import time
import types

import numpy

RATE = 16000


def kaldi_native_fbank():
    """As the binding asks for it: a list of numbers in (it reads lists faster than arrays), one row after the other out."""
    import kaldi_native_fbank as knf

    options = knf.FbankOptions()
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = 80

    def compute(samples):
        online = knf.OnlineFbank(options)
        online.accept_waveform(RATE, samples.tolist())
        online.input_finished()
        rows = numpy.empty((online.num_frames_ready, 80), numpy.float32)
        for frame in range(len(rows)):
            rows[frame] = online.get_frame(frame)
        return rows

    return lambda samples: samples * 32768, compute


def torchaudio():
    """torchaudio.compliance.kaldi is Python alone, but the wheel's native library insists on CUDA: leave it out."""
    extension = types.ModuleType("torchaudio._extension")
    extension.fail_if_no_align = lambda function: function
    extension._IS_ALIGN_AVAILABLE = False
    extension._IS_TORCHAUDIO_EXT_AVAILABLE = False
    sys.modules["torchaudio._extension"] = extension
    import torch
    from torchaudio.compliance import kaldi

    torch.set_num_threads(1)

    def compute(samples):
        with torch.inference_mode():
            return kaldi.fbank(samples, num_mel_bins=80, sample_frequency=RATE)

    return lambda samples: torch.from_numpy(samples * 32768)[None], compute


def openai_whisper():
    """log_mel_spectrogram, which keeps its filters from call to call."""
    import torch
    import whisper.audio

    torch.set_num_threads(1)

    def compute(samples):
        with torch.inference_mode():
            return whisper.audio.log_mel_spectrogram(samples)

    return torch.from_numpy, compute


def librosa():
    """Whisper's steps from librosa's parts, the filters made once."""
    import librosa

    filters = librosa.filters.mel(sr=RATE, n_fft=400, n_mels=80)

    def compute(samples):
        spectrum = librosa.stft(samples, n_fft=400, hop_length=160, pad_mode="reflect")[:, :-1]
        power = spectrum.real**2 + spectrum.imag**2
        log = numpy.log10(numpy.maximum(filters @ power, 1e-10))
        return (numpy.maximum(log, log.max() - 8) + 4) / 4

    return lambda samples: samples, compute


LIBRARIES = {"kaldi-native-fbank": kaldi_native_fbank, "torchaudio": torchaudio, "openai-whisper": openai_whisper,
             "librosa": librosa}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", choices=LIBRARIES)
    parser.add_argument("audio")
    parser.add_argument("lengths")
    parser.add_argument("repeats", type=int)
    parser.add_argument("out")
    arguments = parser.parse_args()
    prepare, compute = LIBRARIES[arguments.library]()
    ends = numpy.cumsum(numpy.loadtxt(arguments.lengths, dtype=int))
    clips = [prepare(clip) for clip in numpy.split(numpy.fromfile(arguments.audio, numpy.float32), ends[:-1])]
    by_column = arguments.library in ("openai-whisper", "librosa")
    with open(arguments.out, "wb") as out:
        for clip in clips:
            features = numpy.asarray(compute(clip))
            numpy.ascontiguousarray(features.T if by_column else features).tofile(out)
    passes = []
    for _ in range(arguments.repeats):
        began = time.perf_counter()
        for clip in clips:
            compute(clip)
        passes.append(time.perf_counter() - began)
    print(json.dumps({"seconds": statistics.median(passes)}))


if __name__ == "__main__":
    main()
