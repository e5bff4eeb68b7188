#!/usr/bin/env python3
"""Writes the small recordings that the decoding tests start from: one per container and codec.

Every file holds 0.5 s of the same signal: left 0.5 * sin(2 pi 440 t), right 0.25 * sin(2 pi 1000 t); mono files hold the
left. Tests cut, mutate and relabel copies of them. Run with soundfile 0.14.0 and numpy; no randomness, so the lossless
files come out the same every time (lossy ones as the encoders of that release write them; the Ogg serial numbers are
drawn by libsndfile, so those files change at every run).
"""

import pathlib

import numpy as np
import soundfile as sf

HERE = pathlib.Path(__file__).parent


def signal(rate, channels):
    t = np.arange(rate // 2) / rate
    both = np.stack([0.5 * np.sin(2 * np.pi * 440 * t), 0.25 * np.sin(2 * np.pi * 1000 * t)], axis=1)
    return both[:, :channels]


FILES = [
    # name, rate, channels, container, codec
    ("pcm8.wav", 8000, 1, "WAV", "PCM_U8"),
    ("pcm16.wav", 16000, 2, "WAV", "PCM_16"),
    ("pcm24.wav", 8000, 2, "WAV", "PCM_24"),
    ("pcm32.wav", 8000, 1, "WAV", "PCM_32"),
    ("float32.wav", 8000, 2, "WAV", "FLOAT"),
    ("float64.wav", 8000, 1, "WAV", "DOUBLE"),
    ("mulaw.wav", 8000, 1, "WAV", "ULAW"),
    ("alaw.wav", 8000, 2, "WAV", "ALAW"),
    ("extensible.wav", 8000, 2, "WAVEX", "PCM_24"),
    ("long.rf64", 8000, 1, "RF64", "PCM_16"),
    ("flac16.flac", 44100, 2, "FLAC", "PCM_16"),
    ("flac24.flac", 8000, 1, "FLAC", "PCM_24"),
    ("vorbis.ogg", 22050, 2, "OGG", "VORBIS"),
    ("opus.ogg", 48000, 1, "OGG", "OPUS"),
    ("mp3.mp3", 44100, 1, "MP3", "MPEG_LAYER_III"),
    ("mp3-low.mp3", 16000, 2, "MP3", "MPEG_LAYER_III"),
    # Rejected formats.
    ("ima-adpcm.wav", 8000, 1, "WAV", "IMA_ADPCM"),
    ("gsm.wav", 8000, 1, "WAV", "GSM610"),
    ("matlab4.mat", 8000, 1, "MAT4", "PCM_16"),
    ("pcm16.aiff", 8000, 1, "AIFF", "PCM_16"),
    ("pcm16.au", 8000, 1, "AU", "PCM_16"),
    ("pcm16.w64", 8000, 1, "W64", "PCM_16"),
    ("pcm16.caf", 8000, 1, "CAF", "PCM_16"),
]

for name, rate, channels, container, codec in FILES:
    sf.write(HERE / name, signal(rate, channels), rate, format=container, subtype=codec)
