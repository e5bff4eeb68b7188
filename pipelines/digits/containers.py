"""Writes recordings whose bytes depend only on the samples.

libsndfile writes the time into float WAV files (the PEAK chunk) and a random serial number into Ogg pages, so that the
same recording written twice differs. A repeated demo must be the same night, byte for byte.
"""

import io
import struct

import numpy
import soundfile

WAV_ENCODINGS = {"pcm16": (1, 16), "pcm24": (1, 24), "float": (3, 32)}


def wav(samples: numpy.ndarray, rate: int, encoding: str) -> bytes:
    """A RIFF WAVE file of float samples [frames] or [frames, channels] in [-1, 1] as "pcm16", "pcm24" or "float"."""
    tag, bits = WAV_ENCODINGS[encoding]
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    interleaved = samples.reshape(-1)
    if encoding == "float":
        data = interleaved.astype("<f4").tobytes()
    elif encoding == "pcm16":
        data = numpy.round(numpy.clip(interleaved, -1, 1) * 32767).astype("<i2").tobytes()
    else:
        whole = numpy.round(numpy.clip(interleaved, -1, 1) * 8388607).astype("<i4")
        data = whole.view(numpy.uint8).reshape(-1, 4)[:, :3].tobytes()
    frame = channels * bits // 8
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * frame, frame, bits)
    padding = b"\0" * (len(data) % 2)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data + padding
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def encoded(samples: numpy.ndarray, rate: int, container: str, subtype: str) -> bytes:
    """The file as libsndfile writes it, with a fixed serial number if it is Ogg."""
    held = io.BytesIO()
    soundfile.write(held, samples, rate, format=container, subtype=subtype)
    return with_serial(held.getvalue(), 1) if container == "OGG" else held.getvalue()


def crc_table() -> list[int]:
    """The table of Ogg's checksum (RFC 3533: polynomial 0x04c11db7, not reflected, no final inversion)."""
    table = []
    for value in range(256):
        register = value << 24
        for _ in range(8):
            register = (register << 1) ^ (0x04C11DB7 if register & 0x80000000 else 0)
        table.append(register & 0xFFFFFFFF)
    return table


CRC_TABLE = crc_table()


def with_serial(ogg: bytes, serial: int) -> bytes:
    """The same Ogg stream under another serial number: each page's number and checksum are rewritten (RFC 3533)."""
    stream = bytearray(ogg)
    start = 0
    while start < len(stream):
        segments = stream[start + 26]
        end = start + 27 + segments + sum(stream[start + 27 : start + 27 + segments])
        stream[start + 14 : start + 18] = struct.pack("<I", serial)
        stream[start + 22 : start + 26] = bytes(4)
        register = 0
        for byte in stream[start:end]:
            register = ((register << 8) & 0xFFFFFFFF) ^ CRC_TABLE[(register >> 24) ^ byte]
        stream[start + 22 : start + 26] = struct.pack("<I", register)
        start = end
    return bytes(stream)
