"""Synthetic speakers saying the ten digits: the only speech that the model is trained on.

espeak-ng makes the training set and one half of the validation set (speakers kept apart). flite, a different
synthesiser built from recorded humans, makes the other half, so that design choices are not judged by espeak's own
habits.
"""

import io
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy
import soundfile

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]

ACCENTS = ["en-us", "en-us-nyc", "en-gb", "en-gb-x-rp", "en-gb-scotland", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029"]

# Ways of saying each word, in espeak-ng's phoneme notation, beside the one in its dictionary: fronted and breaking
# vowels, dark and light r, a swallowed t. espeak-ng says a word one way per accent; people do not.
PRONUNCIATIONS = {
    "zero": ["z'i:roU", "z'IroU", "z'I@roU", "z'iroU"],
    "one": ["w'Vn", "w'0n", "hw'Vn", "w'@n"],
    "two": ["t'Iu:", "t'I#u", "t'@u", "th'u:", "th'Iu:", "ts'u:"],
    "three": ["Tr'i:", "Tr'Ii", "Tr'iI", "fr'i:"],
    "four": ["f'O:r", "f'oUr", "f'o@r", "f'O:", "f'oU@"],
    "five": ["f'aIv", "f'aIf", "f'A:Iv", "f'aI@v"],
    "six": ["s'Iks", "s'i:ks", "s'@ks", "s'IkIs"],
    "seven": ["s'Ev@n", "s'EvIn", "s'Evn", "s'ev@n"],
    "eight": ["'eIt", "'eI?", "'Eit"],
    "nine": ["n'aIn", "n'A:In", "n'aI@n", "n'aIIn"],
}
DICTIONARY_SHARE = 0.5

# Most of espeak-ng's variants are men; these women read twice as often.
WOMEN = set("f1 f2 f3 f5 Alicia Andrea aunty belinda linda steph steph2 whisperf grandma".split())

# Voice variants that a person would take for a speaker; the robots and the effects are left out on purpose.
TRAINING_SPEAKERS = """
m1 m2 m3 m4 m6 m7 m8 f1 f2 f3 f5 klatt klatt2 klatt4 klatt5 klatt6 adam Alex Alicia Andrea Andy antonio aunty belinda
benjamin boris caleb david Denis Diogo ed edward edward2 Gene Gene2 gustave Henrique Hugo iven iven2 iven3 Jacky john
kaukovalta Lee linda marcelo Marco Mario max Michael michel Miguel Mike Nguyen norbert pablo paul pedro quincy
RicishayMax RicishayMax2 rob robert sandro shelby steph steph2 travis victor zac whisper whisperf grandma grandpa
""".split()
VALIDATION_SPEAKERS = ["m5", "f4", "klatt3", "Annie", "anika", "iven4", "steph3", "RicishayMax3"]
FLITE_SPEAKERS = ["kal", "awb", "rms", "slt"]

# Punctuation steers intonation: a list item, a statement, a question, an exclamation.
INTONATIONS = [".", ".", ".", ",", "?", "!"]


@dataclass(frozen=True)
class Utterance:
    """One synthesised word. `samples` is float32 mono in [-1, 1] at `rate` Hz."""

    digit: int
    speaker: str
    rate: int
    samples: numpy.ndarray


def decode(wav: bytes) -> tuple[numpy.ndarray, int]:
    """Decodes a WAV held in memory to (float32 mono samples, rate in Hz)."""
    samples, rate = soundfile.read(io.BytesIO(wav), dtype="float32", always_2d=True)
    return samples.mean(axis=1), rate


def espeak(
    text: str, accent: str, speaker: str, words_per_minute: int, pitch: int, pitch_range: int
) -> tuple[numpy.ndarray, int]:
    """Speaks `text`. `pitch` is espeak-ng's 0...99, `pitch_range` a percentage of the voice's own range."""
    markup = f'<speak><prosody range="{pitch_range}%">{text}</prosody></speak>'
    command = [
        "espeak-ng",
        "-m",
        "-v",
        f"{accent}+{speaker}",
        "-s",
        str(words_per_minute),
        "-p",
        str(pitch),
        "--stdout",
        markup,
    ]
    wav = bytearray(subprocess.run(command, check=True, capture_output=True).stdout)
    # espeak-ng cannot know the length when it writes the header to a pipe, and leaves a placeholder there.
    wav[4:8] = (len(wav) - 8).to_bytes(4, "little")
    wav[40:44] = (len(wav) - 44).to_bytes(4, "little")
    return decode(bytes(wav))


def flite(text: str, speaker: str, stretch: float, pitch: int) -> tuple[numpy.ndarray, int]:
    """Speaks `text` with flite. `stretch` lengthens every phone, `pitch` is the target mean in Hz."""
    settings = [f"duration_stretch={stretch}", f"int_f0_target_mean={pitch}"]
    options = [part for setting in settings for part in ("--setf", setting)]
    run = subprocess.run(
        ["flite", "-voice", speaker, *options, "-t", text, "-o", "/dev/stdout"], check=True, capture_output=True
    )
    return decode(run.stdout)


def trimmed(samples: numpy.ndarray, rate: int) -> numpy.ndarray:
    """Cuts the silence at both ends (below -50 dB of the peak, 10 ms kept): pauses are put in at random later."""
    loud = numpy.flatnonzero(numpy.abs(samples) > 10 ** (-50 / 20) * numpy.abs(samples).max())
    margin = rate // 100
    return samples[max(0, loud[0] - margin) : loud[-1] + margin]


def espeak_set(speakers: list[str], takes: int, seed: int) -> list[Utterance]:
    """`takes` readings of every digit by every speaker, each with an accent, speed, pitch and intonation of its own."""
    chance = numpy.random.default_rng(seed)
    utterances = []
    for speaker in speakers:
        for take in range(2 * takes if speaker in WOMEN else takes):
            for digit, word in enumerate(WORDS):
                said = word if chance.random() < DICTIONARY_SHARE else f"[[{chance.choice(PRONUNCIATIONS[word])}]]"
                samples, rate = espeak(
                    said + str(chance.choice(INTONATIONS)),
                    accent=str(chance.choice(ACCENTS)),
                    speaker=speaker,
                    words_per_minute=int(chance.integers(90, 260)),
                    pitch=int(chance.integers(15, 90)),
                    pitch_range=int(chance.integers(40, 200)),
                )
                utterances.append(Utterance(digit, speaker, rate, trimmed(samples, rate)))
    return utterances


def flite_set(takes: int, seed: int) -> list[Utterance]:
    """`takes` readings of every digit by each flite voice."""
    chance = numpy.random.default_rng(seed)
    utterances = []
    for speaker in FLITE_SPEAKERS:
        for take in range(takes):
            for digit, word in enumerate(WORDS):
                pitch = int(chance.integers(150, 230) if speaker == "slt" else chance.integers(85, 150))
                samples, rate = flite(word, speaker, stretch=round(float(chance.uniform(0.8, 1.6)), 2), pitch=pitch)
                utterances.append(Utterance(digit, speaker, rate, trimmed(samples, rate)))
    return utterances


def cached(path: Path, make) -> list[Utterance]:
    """The utterances kept in the .npz at `path`; made by `make()` and kept there the first time.

    The file is not made again when this module changes: remove it then.
    """
    if not path.exists():
        utterances = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        numpy.savez(
            path,
            samples=numpy.concatenate([utterance.samples for utterance in utterances]),
            ends=numpy.cumsum([len(utterance.samples) for utterance in utterances]),
            digits=[utterance.digit for utterance in utterances],
            rates=[utterance.rate for utterance in utterances],
            speakers=[utterance.speaker for utterance in utterances],
        )
    kept = numpy.load(path)
    pieces = numpy.split(kept["samples"], kept["ends"][:-1])
    rows = zip(kept["digits"], kept["speakers"], kept["rates"], pieces)
    return [Utterance(int(digit), str(speaker), int(rate), samples) for digit, speaker, rate, samples in rows]
