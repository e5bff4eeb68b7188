#!/usr/bin/env python3
"""Runs `infer` on a GPU as a night does, and compares it with the CPU. check-gpu.sh calls it.

    infer-check.py --bin DIR --batch data/digits/2026-11-20

`--bin` holds infer and libnocturne-torch.so, built for the torch of this python. `--batch` is a batch of the demo with
sealed features; it is copied, not changed. Every check runs, whatever the others say; it exits 0 if all of them hold.
"""

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import torch

from infer_place import Place, Run, hog

# The allowed difference of a score: other kernels sum in another order; bfloat16 has 8 bits of significand.
NEAR, NEAR_BFLOAT16 = 1e-4, 5e-2
# The run may use the device to the last byte: only what does not fit is cut.
NO_LIMITS = ["memory_soft=100%", "memory_hard=100%"]


def agree(found: Run, expected: dict, tolerance: float) -> str:
    """Compares answers; labels may differ only where the scores are nearly equal."""
    answers = found.ended(0).answers
    assert answers.keys() == expected.keys(), f"{len(answers)} items, expected {len(expected)}"
    worst = max(abs(answers[item][1] - expected[item][1]) for item in expected)
    assert worst <= tolerance, f"a score is off by {worst:g}, more than {tolerance:g}"
    same = sum(answers[item][0] == expected[item][0] for item in expected)
    assert same == len(expected) or tolerance > NEAR, f"{len(expected) - same} labels differ"
    return f"{same} of {len(expected)} labels the same, scores off by {worst:.1e} at most"


class Checks:
    """Each method is a check; its name says what is expected, and it returns what was seen."""

    def __init__(self, place: Place):
        self.place = place
        self.expected = place.infer("cpu").ended(0).answers
        self.total = torch.cuda.mem_get_info()[1]

    def the_answers_are_the_cpus(self):
        run = self.place.infer("cuda:0")
        loaded = run.event("model_loaded")
        assert loaded["device"] == "cuda:0", loaded
        return (f"{agree(run, self.expected, NEAR)}; loaded in {loaded['seconds']} s, "
                f"{loaded['resident_memory_bytes'] >> 20} MiB of the machine's memory, {run.seconds:.2f} s in all")

    def auto_and_cuda_are_the_same_version(self):
        first = self.place.infer("cuda").ended(0)
        for device in ["cuda:0", "auto"]:
            made = self.place.infer(device, fresh=False).ended(0).summary["parts_made"]
            assert made == 0, f"{device} recomputed {made} parts"
        assert self.place.infer("auto").event("model_loaded")["device"] == "cuda:0"
        return f"{len(first.digests)} parts, none made twice"

    def two_runs_are_compared(self):
        runs = [self.place.infer("cuda").ended(0) for _ in range(2)]
        agree(runs[1], runs[0].answers, NEAR)
        return "the same bytes" if runs[0].digests == runs[1].digests else "NOT the same bytes"

    def bfloat16_is_near(self):
        return agree(self.place.infer("cuda", "precision=bfloat16"), self.expected, NEAR_BFLOAT16)

    def large_batches_agree(self):
        run = self.place.infer("cuda", "max_batch_items=256", "max_batch_frames=256000")
        return agree(run, self.expected, NEAR)

    def a_device_that_is_not_there_is_refused(self):
        count = torch.cuda.device_count()
        self.place.infer(f"cuda:{count}").ended(78, f"sees {count} CUDA devices")
        return "78"

    def above_the_soft_limit_it_goes_on(self):
        with hog(int(0.2 * self.total)):
            run = self.place.infer("cuda")
        return f"{agree(run, self.expected, NEAR)}; {run.event('memory_soft')['message']}"

    def above_the_hard_limit_it_ends_and_can_be_run_again(self):
        with hog(int(0.05 * self.total)):
            message = self.place.infer("cuda").ended(75, "the device's memory is").event("memory_hard")["message"]
        return f"{message}; then {agree(self.place.infer('cuda', fresh=False), self.expected, NEAR)}"

    def without_room_for_the_model_it_is_for_later(self):
        for device in ["cuda", "auto"]:
            with hog(64 << 20):
                self.place.infer(device).ended(75)
        return "75"

    def a_batch_that_does_not_fit_is_halved(self):
        with hog(4 << 30):
            run = self.place.infer("cuda", *NO_LIMITS, model="square@1")
        answers = agree(run, self.expected, NEAR)
        return f"{answers}; {run.event('batch_halved')['message']}"

    def a_killed_run_is_carried_on(self):
        whole = self.place.infer("cuda", model="slow@1").ended(0)
        undisturbed, digests = whole.answers, whole.digests
        shutil.rmtree(self.place.stage)
        process = self.place.start("cuda", model="slow@1")
        for line in process.stderr:
            if '"event": "batch"' in line and '"part-00001"' in line:
                break
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL, "it was done before it could be killed"
        rest = self.place.infer("cuda", model="slow@1", fresh=False)
        answers = agree(rest, undisturbed, NEAR)
        made = rest.summary["parts_made"]
        assert 0 < made < len(digests), f"{made} parts of {len(digests)} were made again"
        return f"{made} of {len(digests)} parts were left; {answers}; the same bytes: {rest.digests == digests}"

    def a_gpu_that_fails_ends_the_run_and_blames_no_item(self):
        run = self.place.infer("cuda", model="broken@1").ended(75, "cuda:0 failed")
        assert not list(self.place.stage.glob("v*/part-*/rejects.jsonl")), "items were rejected"
        return run.said.splitlines()[-1][:200]

    def compiled_packages_run_where_they_were_compiled_for(self):
        self.place.compile("1-cuda", "cuda", "float32")
        self.place.compile("1-cuda-bf16", "cuda", "bfloat16")
        self.place.compile("1-cpu", "cpu", "float32")
        full = agree(self.place.infer("cuda", model="digits@1-cuda"), self.expected, 1e-3)
        half = agree(self.place.infer("cuda", model="digits@1-cuda-bf16"), self.expected, NEAR_BFLOAT16)
        self.place.infer("cuda", model="digits@1-cpu").ended(78, "compiled for cpu, not for cuda")
        self.place.infer("cpu", model="digits@1-cuda").ended(78, "compiled for cuda, not for cpu")
        run = self.place.infer("auto", model="digits@1-cpu")
        assert run.event("model_loaded")["device"] == "cpu"
        agree(run, self.expected, NEAR)
        left = list((self.place.scratch / "tmp").glob("nocturne-model-*"))
        assert not left, f"left behind: {left}"
        return f"float32: {full}; bfloat16: {half}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--batch", type=Path, required=True)
    parser.add_argument("--only", default="", help="checks whose name holds this")
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="infer-check-") as scratch:
        place = Place(Path(scratch), options.bin, options.batch)
        subprocess.run([sys.executable, "-W", "ignore", Path(__file__).parent / "device_models.py",
                        place.models / "digits/1", place.models], check=True)
        checks = Checks(place)
        for name in [name for name in vars(Checks) if not name.startswith("_") and options.only in name]:
            try:
                print(f"ok    {name}: {getattr(checks, name)()}", flush=True)
            except (AssertionError, KeyError, ValueError, OSError, subprocess.CalledProcessError) as error:
                print(f"FAIL  {name}: {error}", flush=True)
                failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
