"""The model's input, computed by kaldi-native-fbank: an implementation that is not the pipeline's own.

The definition is Kaldi's fbank at 16 kHz with 80 mel bins (povey window of 25 ms every 10 ms, snip_edges, dither 0,
samples on the +-32768 scale), normalised per item and bin. `featurize` must arrive at the same numbers from the same
recording.
"""

import kaldi_native_fbank
import numpy
import soxr

SAMPLE_RATE = 16000
MEL_BINS = 80


def options() -> "kaldi_native_fbank.FbankOptions":
    """Kaldi's defaults, with dither off so that the same samples give the same features."""
    made = kaldi_native_fbank.FbankOptions()
    made.frame_opts.samp_freq = SAMPLE_RATE
    made.frame_opts.dither = 0.0
    made.frame_opts.snip_edges = True
    made.mel_opts.num_bins = MEL_BINS
    return made


OPTIONS = options()


def at_model_rate(samples: numpy.ndarray, rate: int) -> numpy.ndarray:
    """Resamples float32 mono samples to 16 kHz with soxr HQ, as `clean` does by default."""
    return samples if rate == SAMPLE_RATE else soxr.resample(samples, rate, SAMPLE_RATE, quality="HQ")


def log_mel(samples: numpy.ndarray) -> numpy.ndarray:
    """Kaldi fbank of float32 samples in [-1, 1] at 16 kHz: float32 [frames, 80]."""
    computer = kaldi_native_fbank.OnlineFbank(OPTIONS)
    computer.accept_waveform(SAMPLE_RATE, (samples * 32768.0).tolist())
    computer.input_finished()
    return numpy.stack([computer.get_frame(index) for index in range(computer.num_frames_ready)])


def normalised(features: numpy.ndarray) -> numpy.ndarray:
    """Per item and bin (x - mean) / (standard deviation + 1e-5), population deviation."""
    mean = features.mean(axis=0, dtype=numpy.float64)
    deviation = features.std(axis=0, dtype=numpy.float64)
    return ((features - mean) / (deviation + 1e-5)).astype(numpy.float32)
