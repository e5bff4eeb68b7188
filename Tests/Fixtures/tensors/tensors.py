"""Reads and writes safetensors files with the format's own Python package, for the tests of BatchFormat.

tensors.py read FILE     prints one JSON line per tensor, in the file's order: [name, dtype, shape, [elements]]
tensors.py write FILE    writes tensors of awkward names, shapes and values
"""

import json
import sys

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file


def read(path):
    with safe_open(path, framework="numpy") as file:
        for name in file.offset_keys():
            array = file.get_tensor(name)
            print(json.dumps([name, str(array.dtype), list(array.shape), [float(x) for x in array.ravel()]]))


def write(path):
    save_file(
        {
            "b": np.arange(6, dtype=np.float32).reshape(2, 3),
            "a": np.array([1.5], dtype=np.float32),
            "caf\u00e9": np.array([-0.0, np.float32(1e-45), np.inf], dtype=np.float32),
            "cafe\u0301": np.zeros((0, 4), dtype=np.float32),
            "lengths": np.array([1, -2, 2**40], dtype=np.int64),
            'quote"\\\n\U0001f600': np.array(7, dtype=np.float32),
        },
        path,
        metadata={"made by": "tensors.py"},
    )


{"read": read, "write": write}[sys.argv[1]](sys.argv[2])
