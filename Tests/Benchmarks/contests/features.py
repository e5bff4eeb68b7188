"""Features, computation alone: clips in memory to features in memory, on one core."""

import importlib.util
import subprocess
from pathlib import Path

import numpy

from harness import corpus
from harness.contest import Contest, Disagreement, Side

PEERS = ["kaldi_native_fbank", "torchaudio", "openai-whisper", "librosa", "torch", "numpy"]
COMMANDS = []

NOTE = (
    "One process on one core (`taskset -c 0`), torch with one thread; the median of several passes within each run. Tables, "
    "scaled samples and whatever else a library can prepare once are prepared before the clock starts."
)


def contests(bench):
    """Kaldi's filter banks and Whisper's mel spectrogram."""
    home = bench.folder("features")
    count = bench.size(100, 20)
    audio, lengths, seconds = _clips(home, count)
    repeats = bench.size(5, 1)
    subprocess.run(
        ["swift", "build", "-c", "release", "--disable-sandbox", "--product", "feature-bench"], cwd=bench.repository, check=True,
        stdout=subprocess.DEVNULL)

    def side(name, command, setting="", reach=None):
        out = home / f"{Path(name).name.replace(' ', '-').replace(',', '')}.f32"
        words = ["taskset", "-c", "0", *command, audio, lengths, repeats, out]
        return Side(name, words, str(home), {"OMP_NUM_THREADS": "1"}, reports_seconds=True, setting=setting, reach=reach or {})

    def python(library):
        return [bench.python, bench.peers / "features.py", library]

    def contest(name, title, ours, peers, check):
        def agree() -> str:
            return _compare(lengths, ours, peers, check)

        return Contest(
            name, f"{title}, {count} clips ({seconds:,.0f} s), one core, computation alone", ours, peers, agree,
            amount=seconds, unit="s of sound", note=NOTE)

    tool = bench.tools / "feature-bench"
    fbank = [
        side("kaldi-native-fbank", python("kaldi-native-fbank"), "a list in, a row at a time out", {"wall": 3}),
        side("torchaudio.compliance.kaldi", python("torchaudio"), "inference mode", {"wall": 5}),
    ]
    whisper = [side("openai-whisper", python("openai-whisper"), "torch, inference mode", {"wall": 1.5})]
    if not bench.quick:
        # A program to be compiled, and a library that takes twenty seconds to get ready.
        fbank.insert(1, side(
            "kaldi-native-fbank from C++", [_native(bench, home)], "its computer called for each frame, no copies"))
        whisper.append(side("librosa", python("librosa"), "its transform, filters made once", {"wall": 1.5}))
    yield contest(
        "kaldi-fbank", "Kaldi's log-mel filter banks, 80 bins", side("Nocturne fbank", [tool, "kaldi-fbank"]), fbank,
        _near_fbank)
    yield contest(
        "whisper-mel", "Whisper's log-mel spectrogram, 80 bins", side("Nocturne whisper", [tool, "whisper-mel"]), whisper,
        _near_whisper)


def _clips(home: Path, count: int) -> tuple[Path, Path, float]:
    """Clips like those of a night, at 16 kHz."""
    audio, lengths = home / f"clips-{count}.f32", home / f"clips-{count}.txt"
    if not lengths.exists():
        clips = []
        for place, seconds in enumerate(corpus.lengths(count, seed=1)):
            clips.append(corpus.sound(numpy.random.default_rng((1, place)), float(seconds), 16000, 1)[:, 0])
        numpy.concatenate(clips).tofile(audio)
        lengths.write_text("".join(f"{len(clip)}\n" for clip in clips))
    return audio, lengths, float(numpy.loadtxt(lengths).sum() / 16000)


def _native(bench, home: Path) -> Path:
    """kaldi-native-fbank's own library, which its wheel contains with its headers, called from C++."""
    # Asked of the interpreter that has the wheel: the benchmark itself may run in another.
    place = Path(importlib.util.find_spec("kaldi_native_fbank").origin).parent
    program, source = home / "knf-fbank", bench.peers / "knf_fbank.cpp"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        subprocess.run([
            # The wheel's library has the strings of GCC 4, which a wheel for any Linux must have.
            "g++", "-O3", "-march=native", "-std=c++17", "-D_GLIBCXX_USE_CXX11_ABI=0", f"-I{place / 'include'}", source, "-o", program,
            f"-L{place / 'lib'}", "-lkaldi-native-fbank-core", f"-Wl,-rpath,{place / 'lib'}",
        ], check=True)
    return program


def _compare(lengths: Path, ours: Side, peers: list, check) -> str:
    """Every clip's features, by the tolerances of the golden tests."""
    mine = numpy.fromfile(ours.command[-1], numpy.float32).reshape(-1, 80)
    told = []
    for peer in peers:
        theirs = numpy.fromfile(peer.command[-1], numpy.float32).reshape(-1, 80)
        if mine.shape != theirs.shape:
            raise Disagreement(f"{len(mine)} frames here, {len(theirs)} from {peer.name}")
        # Not left to the comparison below: what is not a number is neither near nor far.
        for side, features in ((ours, mine), (peer, theirs)):
            if not numpy.isfinite(features).all():
                raise Disagreement(f"{side.name} gave features that are infinite or not a number")
        told.append(f"{check(mine, theirs, lengths, peer.name):.1g} of {peer.name}")
    return f"{len(mine):,} frames, features within {', '.join(told)}"


def _near_fbank(mine, theirs, lengths: Path, name: str) -> float:
    """Bins within 12 (natural logarithm) of their clip's maximum: far below, single precision rounds differently in each."""
    worst, start = 0.0, 0
    for length in numpy.loadtxt(lengths, dtype=int):
        end = start + 1 + (length - 400) // 160
        clip, other = mine[start:end], theirs[start:end]
        worst = max(worst, float(numpy.abs(clip - other)[clip > clip.max() - 12].max()))
        start = end
    return _within(worst, 1e-3, name)


def _near_whisper(mine, theirs, _: Path, name: str) -> float:
    return _within(float(numpy.abs(mine - theirs).max()), 1e-4, name)


def _within(worst: float, allowed: float, name: str) -> float:
    if not worst <= allowed:
        raise Disagreement(f"features differ by {worst:.2g} from {name}'s, allowed are {allowed}")
    return worst
