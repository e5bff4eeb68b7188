"""Random changes of a log-mel spectrogram that stand for another mouth saying the same word.

A synthesiser places its formants by rule and times its phones by table. Bending both axes gives vowels between its
vowels and rhythms between its rhythms, which no change of the waveform as a whole can.
"""

import numpy
from numpy.random import Generator


def resampled(features: numpy.ndarray, positions: numpy.ndarray) -> numpy.ndarray:
    """Rows of `features` at fractional `positions`, linearly interpolated."""
    positions = numpy.clip(positions, 0.0, len(features) - 1.0)
    below = numpy.minimum(positions.astype(int), max(0, len(features) - 2))
    share = (positions - below)[:, None].astype(features.dtype)
    above = numpy.minimum(below + 1, len(features) - 1)
    return features[below] * (1 - share) + features[above] * share


def another_rhythm(features: numpy.ndarray, pace: float, chance: Generator) -> numpy.ndarray:
    """Scales six pieces of time, each by a factor of its own, and then the whole to `pace` times its length."""
    frames = len(features)
    pieces = numpy.exp(chance.normal(0.0, 0.35, 6))
    ends = numpy.concatenate([[0.0], numpy.cumsum(pieces) / pieces.sum()]) * (frames - 1)
    length = max(10, round(frames * pace))
    at = numpy.linspace(0.0, 6.0, length)
    return resampled(features, numpy.interp(at, numpy.arange(7), ends))


def other_formants(features: numpy.ndarray, chance: Generator) -> numpy.ndarray:
    """Moves each region of the mel axis by a few bins (standard deviation 2.5): formants shift against each other."""
    bins = features.shape[1]
    knots = numpy.linspace(0.0, bins - 1.0, 6)
    moves = numpy.interp(numpy.arange(bins), knots, chance.normal(0.0, 2.5, 6))
    return resampled(features.T, numpy.arange(bins) + moves).T


def softer_harmonics(features: numpy.ndarray, chance: Generator) -> numpy.ndarray:
    """Averages neighbouring bins, which washes the voice's harmonics out and leaves its formants."""
    width = int(chance.integers(1, 4))
    padded = numpy.pad(features, ((0, 0), (width, width)), mode="edge")
    return sum(padded[:, start : start + features.shape[1]] for start in range(2 * width + 1)) / numpy.float32(
        2 * width + 1
    )


def in_a_louder_place(features: numpy.ndarray, chance: Generator) -> numpy.ndarray:
    """Adds the power of a fluctuating noise whose mean lies 0...14 (natural log) below the word's maximum."""
    bins = features.shape[1]
    knots = numpy.linspace(0.0, bins - 1.0, 4)
    floor = (
        features.max() - chance.uniform(0.0, 14.0) + numpy.interp(numpy.arange(bins), knots, chance.normal(0.0, 1.5, 4))
    )
    # Power averaged over a mel filter is gamma distributed; the wide filters at the top average more than those below.
    degrees = numpy.linspace(1.0, 4.0, bins)
    noise = floor + numpy.log(chance.gamma(degrees, 1.0 / degrees, features.shape) + 1e-3)
    return numpy.logaddexp(features, noise.astype(numpy.float32))


def articulated(features: numpy.ndarray, pace: float, chance: Generator) -> numpy.ndarray:
    """Another rhythm and some of the others: float32 [frames, bins] to float32 [about pace * frames, bins]."""
    features = another_rhythm(features, pace, chance)
    if chance.random() < 0.7:
        features = other_formants(features, chance)
    if chance.random() < 0.3:
        features = softer_harmonics(features, chance)
    if chance.random() < 0.35:
        features = in_a_louder_place(features, chance)
    return features
