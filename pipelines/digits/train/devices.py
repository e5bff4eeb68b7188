"""What a speaker's habits, a room, a microphone and a codec do to a word before it reaches the bucket.

Synthetic speech is clean, wide and regular; devices are none of these. Every function takes and returns float32 mono
samples and draws what it does from the random generator it is given, so that a seed decides the whole training set.
"""

import io

import numpy
import soundfile
import soxr
from numpy.random import Generator

from features import at_model_rate

DEVICE_RATES = [8000, 16000, 22050, 44100, 48000]
TELEPHONE_SHARE = 0.5


def decibels(ratio: float) -> float:
    """Amplitude factor of a level in dB."""
    return float(10.0 ** (ratio / 20.0))


def level(samples: numpy.ndarray) -> float:
    """Root mean square, never zero."""
    return float(numpy.sqrt(numpy.mean(numpy.square(samples, dtype=numpy.float64)))) + 1e-9


def shaped(samples: numpy.ndarray, rate: int, gain_db) -> numpy.ndarray:
    """Filters with zero phase by a gain curve: `gain_db(frequencies in Hz)` in dB."""
    size = 1 << (len(samples) + rate // 20 - 1).bit_length()
    spectrum = numpy.fft.rfft(samples, size)
    frequencies = numpy.fft.rfftfreq(size, 1.0 / rate)
    return numpy.fft.irfft(spectrum * 10.0 ** (gain_db(frequencies) / 20.0), size)[: len(samples)].astype(numpy.float32)


def another_throat(samples: numpy.ndarray, rate: int, chance: Generator) -> numpy.ndarray:
    """Scales formants and pitch by 0.87...1.33 (and tempo with them), from a long vocal tract to a child's."""
    return soxr.resample(samples, rate, rate / chance.uniform(0.87, 1.33), quality="HQ")


def another_timbre(samples: numpy.ndarray, rate: int, chance: Generator) -> numpy.ndarray:
    """A smooth random gain curve: microphone, distance and vocal effort."""
    knots = numpy.log([50, 150, 400, 900, 1800, 3000, 5000, 8000, 12000])
    gains = chance.normal(0.0, 4.0, len(knots)) + chance.uniform(-4.0, 4.0) * numpy.linspace(-1, 1, len(knots))
    return shaped(
        samples, rate, lambda frequencies: numpy.interp(numpy.log(numpy.maximum(frequencies, 1.0)), knots, gains)
    )


def with_pauses(samples: numpy.ndarray, rate: int, chance: Generator) -> numpy.ndarray:
    """Silence before (up to 0.5 s) and after (up to 1.2 s) the word, often none to speak of."""
    before = int(rate * chance.choice([0.02, chance.uniform(0.0, 0.5)]))
    after = int(rate * chance.choice([0.03, chance.uniform(0.0, 0.4), chance.uniform(0.0, 1.2)]))
    return numpy.concatenate([numpy.zeros(before, numpy.float32), samples, numpy.zeros(after, numpy.float32)])


def in_a_room(samples: numpy.ndarray, rate: int, chance: Generator) -> numpy.ndarray:
    """Convolves with exponentially decaying noise (reverberation time 0.1...0.6 s) under the direct sound."""
    seconds = chance.uniform(0.1, 0.6)
    count = int(rate * seconds)
    tail = chance.standard_normal(count) * numpy.exp(-6.9 * numpy.arange(count) / count)
    tail *= decibels(chance.uniform(-18.0, -4.0)) / numpy.sqrt(numpy.sum(tail**2))
    tail[0] += 1.0
    size = 1 << (len(samples) + count - 1).bit_length()
    wet = numpy.fft.irfft(numpy.fft.rfft(samples, size) * numpy.fft.rfft(tail, size), size)
    return wet[: len(samples) + count // 3].astype(numpy.float32)


def noise(count: int, rate: int, chance: Generator) -> numpy.ndarray:
    """Coloured noise (flat to -9 dB per octave), sometimes with the mains' hum and its harmonics."""
    slope = chance.uniform(0.0, 1.5)
    size = 1 << (count - 1).bit_length()
    spectrum = numpy.fft.rfft(chance.standard_normal(size))
    spectrum /= numpy.maximum(numpy.arange(len(spectrum)), size * 40.0 / rate) ** slope
    made = numpy.fft.irfft(spectrum, size)[:count]
    made /= level(made)
    if chance.random() < 0.2:
        times = numpy.arange(count) / rate
        mains = chance.choice([50.0, 60.0])
        made += sum(
            numpy.sin(2 * numpy.pi * mains * order * times + chance.uniform(0, 6.28)) / order for order in (1, 2, 3, 5)
        )
    return (made / level(made)).astype(numpy.float32)


def in_noise(samples: numpy.ndarray, rate: int, chance: Generator) -> numpy.ndarray:
    """Adds noise at a signal-to-noise ratio of 3...45 dB over the whole clip."""
    return samples + noise(len(samples), rate, chance) * level(samples) * decibels(-chance.uniform(3.0, 45.0))


def telephone_band(frequencies: numpy.ndarray, low: float, high: float) -> numpy.ndarray:
    """Gain in dB of a telephone channel: flat between the edges, 24 dB per octave below, a steep fall above."""
    octaves_below = numpy.log2(low / numpy.maximum(frequencies, 1.0))
    above = numpy.maximum(frequencies - high, 0.0) / 300.0
    return -numpy.minimum(24.0 * numpy.maximum(octaves_below, 0.0) + 40.0 * above, 60.0)


def mu_law(samples: numpy.ndarray) -> numpy.ndarray:
    """The 8-bit companding of ITU-T G.711, there and back."""
    pressed = numpy.sign(samples) * numpy.log1p(255.0 * numpy.abs(samples)) / numpy.log(256.0)
    pressed = numpy.round(pressed * 127.0) / 127.0
    return (numpy.sign(pressed) * (256.0 ** numpy.abs(pressed) - 1.0) / 255.0).astype(numpy.float32)


def vorbis(samples: numpy.ndarray, rate: int) -> numpy.ndarray:
    """Ogg/Vorbis there and back."""
    held = io.BytesIO()
    soundfile.write(held, samples, rate, format="OGG", subtype="VORBIS")
    held.seek(0)
    return soundfile.read(held, dtype="float32")[0]


def recorded(samples: numpy.ndarray, rate: int, chance: Generator) -> numpy.ndarray:
    """What a device makes of sound at `rate`: band, rate, level, clipping, codec; given back at the model's 16 kHz."""
    telephone = chance.random() < TELEPHONE_SHARE
    if telephone:
        samples, rate = soxr.resample(samples, rate, 8000, quality="HQ"), 8000
        if chance.random() < 0.7:
            low, high = chance.uniform(80.0, 350.0), chance.uniform(3000.0, 3900.0)
            samples = shaped(samples, rate, lambda frequencies: telephone_band(frequencies, low, high))
    if not telephone or chance.random() < 0.4:
        device_rate = int(chance.choice(DEVICE_RATES))
        samples, rate = soxr.resample(samples, rate, device_rate, quality="HQ"), device_rate
    peak = decibels(chance.uniform(-30.0, -0.5)) if chance.random() < 0.9 else decibels(chance.uniform(0.0, 8.0))
    samples = numpy.clip(samples * (peak / (numpy.abs(samples).max() + 1e-9)), -1.0, 1.0)
    codec = chance.random()
    if codec < 0.10 and rate == 8000:
        samples = mu_law(samples)
    elif codec < 0.15:
        samples = vorbis(samples, rate)
    elif codec < 0.90:
        samples = numpy.round(samples * 32767.0) / 32768.0
    return at_model_rate(samples.astype(numpy.float32), rate)


def upload(samples: numpy.ndarray, rate: int, chance: Generator) -> numpy.ndarray:
    """A whole random journey from synthesiser to device: float32 mono at 16 kHz."""
    samples = another_throat(samples, rate, chance)
    samples = another_timbre(samples, rate, chance)
    samples = with_pauses(samples, rate, chance)
    if chance.random() < 0.4:
        samples = in_a_room(samples, rate, chance)
    if chance.random() < 0.75:
        samples = in_noise(samples, rate, chance)
    return recorded(samples, rate, chance)
