"""Downloading a night's objects: `fetch` against the tools that copy a bucket to a disk."""

import filecmp
import json
import os
import shutil
import time
from pathlib import Path

import numpy

from harness.contest import Contest, Disagreement, Side

PEERS = ["s5cmd", "awscli"]
COMMANDS = ["nginx-light", "rclone"]

OBJECT_BYTES = 64 << 10
SECRETS = {
    "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
}
NOTE = (
    "Ours does more: it verifies the entity tag or the length, records the SHA-256 of every object, finds duplicates, writes "
    "the ledger, flushes everything to the disk before it exits, and publishes a sealed version. The peers leave their writes "
    "to the kernel; before each run the disk is flushed, so that no side pays for another. Server and client share the two "
    "cores; the processor seconds are the client's."
)

_open = []


def contests(bench):
    # rclone cannot do with it, and the endpoint speaks plain HTTP.
    os.environ.pop("AWS_CA_BUNDLE", None)
    yield many_objects(bench)
    finish()
    yield one_large_object(bench)
    clear(bench)


def finish():
    while _open:
        _open.pop().close()


def clear(bench):
    shutil.rmtree(bench.folder("fetch/out") / ".emptied", ignore_errors=True)


def many_objects(bench) -> Contest:
    count = bench.size(10_000, 1_000)
    objects = bench.folder(f"fetch/objects-{count}")
    for place in range(count):
        path = objects / "night" / f"device-{place % 20:02}-rec-{place:05}.wav"
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(numpy.random.default_rng((7, place)).bytes(OBJECT_BYTES))
    bucket = serve(bench, objects, md5_tags=True)
    return Contest(
        name="many", title=f"{count:,} objects of 64 KiB from a bucket on loopback",
        ours=our_side(bench, bucket),
        peers=[
            s5cmd(bench, bucket, ["--numworkers", "16"], [], {"wall": 1}),
            s5cmd_checked(bench, bucket, ["--numworkers", "16"]),
            rclone(bench, bucket, ["--transfers", "16"], {"wall": 3}),
            aws(bench, bucket, 32, {"wall": 8}),
        ],
        agree=lambda: compare(bench, bucket, objects, ["s5cmd", "s5cmd, sha256sum, sync", "rclone", "aws s3 cp"]),
        amount=count, unit="objects", note=NOTE)


def one_large_object(bench) -> Contest:
    size = bench.size(2 << 30, 128 << 20)
    objects = bench.folder(f"fetch/object-{size >> 20}")
    path = objects / "night" / "large.bin"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        random = numpy.random.default_rng(8)
        with open(path, "wb") as file:
            for _ in range(size >> 24):
                file.write(random.bytes(1 << 24))
    bucket = serve(bench, objects, md5_tags=False)
    return Contest(
        name="large", title=f"one object of {size >> 20:,} MiB, in ranges",
        ours=our_side(bench, bucket),
        peers=[
            s5cmd(bench, bucket, [], ["--concurrency", "5"], {"wall": 1}),
            s5cmd_checked(bench, bucket, []),
        ],
        agree=lambda: compare(bench, bucket, objects, ["s5cmd", "s5cmd, sha256sum, sync"]),
        amount=size >> 20, unit="MiB", note=NOTE)


def serve(bench, objects: Path, md5_tags: bool):
    from static_s3 import Bucket

    bucket = Bucket(objects, bench.fresh_folder("fetch/nginx"), "bench", "night/", md5_tags)
    _open.append(bucket)
    return bucket


# --- sides ---


def target(bench, name: str) -> Path:
    return bench.folder("fetch/out") / name.replace(" ", "-").replace(",", "")


def fresh(folder: Path):
    """Moves the last run's output out of the way, emptied, and has the disk take all that others wrote.

    Its files are removed when all is over: ext4 gives out no inode that was freed within the last minutes, and searches past
    thousands of them for every new file, which no user would see.
    """
    if folder.exists():
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                os.truncate(path, 0)
        folder.rename(emptied(folder) / str(time.monotonic_ns()))
    folder.mkdir(parents=True)
    os.sync()


def emptied(folder: Path) -> Path:
    place = folder.parent / ".emptied"
    place.mkdir(parents=True, exist_ok=True)
    return place


def our_side(bench, bucket) -> Side:
    folder = target(bench, "ours")

    def prepare():
        fresh(folder)
        (folder / "pipeline.toml").write_text(
            f'format = 1\n[fetch]\nsource = "s3://{bucket.name}/{bucket.prefix}"\nendpoint = "{bucket.endpoint}"\n')

    return Side(
        name="fetch", command=[bench.tools / "fetch", "bench", "night", "--config", "pipeline.toml", "--root", "data", "--quiet"],
        folder=made(folder), environment=SECRETS, prepare=prepare)


def s5cmd(bench, bucket, options, copy_options, reach) -> Side:
    folder = target(bench, "s5cmd")
    return Side(
        name="s5cmd", command=s5cmd_command(bench, bucket, options, copy_options), folder=made(folder), environment=SECRETS,
        prepare=lambda: fresh(folder), reach=reach, setting=" ".join([*options, *copy_options]))


def s5cmd_checked(bench, bucket, options) -> Side:
    """What a user would do to have the bytes on the disk, and their digests: nearer to our work."""
    name = "s5cmd, sha256sum, sync"
    folder = target(bench, name)
    copy = " ".join(f"'{word}'" for word in s5cmd_command(bench, bucket, options, []))
    script = f"{copy} && find out -type f -print0 | xargs -0 -n 500 -P 2 sha256sum > digests && sync -f out"
    return Side(name=name, command=["bash", "-c", script], folder=made(folder), environment=SECRETS, prepare=lambda: fresh(folder))


def s5cmd_command(bench, bucket, options, copy_options):
    return [
        bench.python.parent / "s5cmd", "--endpoint-url", bucket.endpoint, "--log", "error", *options,
        "cp", *copy_options, f"s3://{bucket.name}/{bucket.prefix}*", "out/"]


def rclone(bench, bucket, options, reach) -> Side:
    folder = target(bench, "rclone")
    remote = f":s3,provider=Other,env_auth=true,list_version=2,endpoint='{bucket.endpoint}':{bucket.name}/{bucket.prefix}"
    return Side(
        name="rclone", command=[
            "rclone", "--config", "/dev/null", "--no-check-dest", "--no-traverse", "--s3-no-head-object", *options, "copy", remote, "out"],
        folder=made(folder), environment=SECRETS, prepare=lambda: fresh(folder), reach=reach,
        setting=" ".join(["--no-check-dest --s3-no-head-object", *options]))


def aws(bench, bucket, requests: int, reach) -> Side:
    folder = target(bench, "aws s3 cp")

    def prepare():
        fresh(folder)
        (folder / "config").write_text(
            f"[default]\ns3 =\n  max_concurrent_requests = {requests}\n  max_queue_size = 10000\n  addressing_style = path\n")

    return Side(
        name="aws s3 cp", command=[
            bench.python.parent / "aws", "--endpoint-url", bucket.endpoint, "s3", "cp", "--recursive", "--only-show-errors",
            f"s3://{bucket.name}/{bucket.prefix}", "out"],
        folder=made(folder), environment={**SECRETS, "AWS_CONFIG_FILE": str(folder / "config")}, prepare=prepare, reach=reach,
        setting=f"max_concurrent_requests = {requests}")


def made(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder)


# --- agreement ---


def compare(bench, bucket, objects: Path, peers) -> str:
    """Every side's files against the bucket's, byte for byte; ours by way of the ledger."""
    version = target(bench, "ours") / "data" / "bench" / "night" / "fetch" / "current"
    ours = {}
    for part in json.loads((version / "batch.json").read_text())["parts"]:
        with open(version / part["name"] / "items.jsonl") as lines:
            for row in map(json.loads, lines):
                ours[row["id"]] = version / part["name"] / row["fetch"]["object"]
    same("fetch", ours, bucket, objects)
    for name in peers:
        out = target(bench, name) / "out"
        same(name, {path.relative_to(out).as_posix(): path for path in out.rglob("*") if path.is_file()}, bucket, objects)
    return f"{len(bucket.keys):,} files of each side, byte for byte, against the bucket's"


def same(name: str, files: dict, bucket, objects: Path):
    wanted = {key.removeprefix(bucket.prefix): objects / key for key in bucket.keys}
    if files.keys() != wanted.keys():
        raise Disagreement(f"{name} downloaded {len(files)} objects, the bucket has {len(wanted)}")
    for key, path in files.items():
        if not filecmp.cmp(path, wanted[key], shallow=False):
            raise Disagreement(f"{name} downloaded other bytes as '{key}'")
