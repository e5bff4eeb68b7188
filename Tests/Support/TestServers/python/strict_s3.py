"""A strict S3 endpoint on 127.0.0.1: OpenStack Swift's s3api, which verifies signatures and body hashes.

usage: strict_s3.py FOLDER        key test:tester, secret testing, region us-east-1, path-style

Makes rings and configuration in FOLDER, starts four processes, says the URL on stdout, ends when stdin closes.
"""

import atexit
import os
import pathlib
import pwd
import subprocess
import sys
import threading
import time
import urllib.request

from serving import announce, exit_with_parent, free_port

PROXY_FILTERS = "catch_errors gatekeeper healthcheck cache listing_formats s3api tempauth copy slo dlo versioned_writes symlink"
FILTER_SETTINGS = {
    "cache": "use = egg:swift#memcache\nmemcache_servers = 127.0.0.1:1",
    "s3api": "use = egg:swift#s3api\nlocation = us-east-1\ns3_acl = false\nmin_segment_size = 1048576",
    "tempauth": "use = egg:swift#tempauth\nuser_test_tester = testing .admin",
    "versioned_writes": "use = egg:swift#versioned_writes\nallow_versioned_writes = true\nallow_object_versioning = true",
}

folder = pathlib.Path(sys.argv[1]).resolve()
etc = folder / "etc"
programs = pathlib.Path(sys.executable).parent
user = pwd.getpwuid(os.getuid()).pw_name
(folder / "srv/d1").mkdir(parents=True, exist_ok=True)
etc.mkdir(exist_ok=True)
children = []


def common(port):
    return (
        f"[DEFAULT]\nbind_ip = 127.0.0.1\nbind_port = {port}\nuser = {user}\nswift_dir = {etc}\nworkers = 0\n"
        f"log_address = {folder}/none\n"
    )


def build_ring(kind, port):
    builder = f"{kind}.builder"
    for arguments in (["create", "4", "1", "1"], ["add", f"r1z1-127.0.0.1:{port}/d1", "1"], ["rebalance"]):
        # rebalance exits with 1 on a warning; only the ring file counts.
        subprocess.run([programs / "swift-ring-builder", builder, *arguments], cwd=etc, stdout=subprocess.DEVNULL)
    if not (etc / f"{kind}.ring.gz").exists():
        sys.exit(f"no ring for {kind}")


def stop():
    for child in children:
        child.kill()  # asked politely, they wait for idle connections
    for child in children:
        child.wait()


def start(kind, configuration):
    path = etc / f"{kind}.conf"
    path.write_text(configuration)
    log = open(folder / f"{kind}.log", "wb")
    environment = dict(os.environ, SWIFT_CONFIG=str(etc / "swift.conf"))
    children.append(
        subprocess.Popen(
            [programs / f"swift-{kind}-server", path], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
        )
    )


atexit.register(stop)
(etc / "swift.conf").write_text(
    "[swift-hash]\nswift_hash_path_prefix = p\nswift_hash_path_suffix = s\n"
    "[storage-policy:0]\nname = gold\ndefault = yes\n"
)
for kind in ("object", "container", "account"):
    port = free_port()
    build_ring(kind, port)
    start(
        kind,
        common(port)
        + f"devices = {folder}/srv\nmount_check = false\nfallocate_reserve = 0\ndisable_fallocate = true\n"
        + f"[pipeline:main]\npipeline = {kind}-server\n[app:{kind}-server]\nuse = egg:swift#{kind}\n"
        + f"recon_cache_path = {folder}/srv\n",
    )
port = free_port()
filters = "".join(
    f"[filter:{name}]\n{FILTER_SETTINGS.get(name, f'use = egg:swift#{name}')}\n" for name in PROXY_FILTERS.split()
)
start(
    "proxy",
    common(port)
    + f"[pipeline:main]\npipeline = {PROXY_FILTERS} proxy-server\n"
    + "[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\n"
    + filters,
)
url = f"http://127.0.0.1:{port}"
for _ in range(150):
    try:
        urllib.request.urlopen(f"{url}/healthcheck", timeout=2).read()
        break
    except OSError:
        time.sleep(0.2)
else:
    sys.exit(f"no answer; see {folder}/*.log")
announce(url)
exit_with_parent(stop)
threading.Event().wait()
