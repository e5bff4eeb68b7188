"""A bucket of files behind nginx: what S3's clients need to list it and to get objects, answered from the disk.

A listing's pages are XML files written beforehand; a continuation token is the number of a page. Objects are sent by
sendfile(2). Signatures are not looked at.
"""

import datetime
import hashlib
import os
import pwd
import socket
import subprocess
import time
from pathlib import Path
from xml.sax.saxutils import escape

NGINX = "/usr/sbin/nginx"
KEYS_PER_PAGE = 1000

CONFIGURATION = """
{user}
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
daemon off;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    sendfile_max_chunk 1m;
    tcp_nopush on;
    tcp_nodelay on;
    # Peers that make more requests than a connection is good for would pay for new ones.
    keepalive_requests 1000000;
    open_file_cache max=20000 inactive=1h;
    open_file_cache_valid 1h;
    default_type application/octet-stream;
    client_body_temp_path {folder}/tmp; proxy_temp_path {folder}/tmp; fastcgi_temp_path {folder}/tmp;
    uwsgi_temp_path {folder}/tmp; scgi_temp_path {folder}/tmp;
    map_hash_max_size 65536;
    map_hash_bucket_size 128;
    # The parameter's hyphen keeps it out of $arg_….
    map $args $page {{ default ""; "~(?:^|&)continuation-token=(?<token>[0-9]+)(?:&|$)" $token; }}
    map $uri $tag {{ default ""; include {folder}/tags.map; }}
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        # What is asked of a bucket is its listing, and its location.
        location = /{bucket} {{ rewrite ^ /{bucket}/ last; }}
        location = /{bucket}/ {{
            root {folder}/listing;
            default_type application/xml;
            etag off;
            if ($args ~ "(^|&)location") {{ rewrite ^ /location.xml last; }}
            # A token is the number of a page; ListObjects, the older call, says the last key instead: it has but one page.
            rewrite ^ /page-$page.xml last;
        }}
        location ~ ^/(page-|location) {{ root {folder}/listing; default_type application/xml; etag off; }}
        location /{bucket}/ {{ alias {objects}/; {tags} }}
    }}
}}
"""

# The entity tag of an object that was put in one piece is its MD5; that of one put in parts is not, and nginx's own will do.
MD5_TAGS = "etag off; add_header ETag $tag;"


class Bucket:
    """An nginx that serves a folder's files as a bucket, for as long as it is not closed."""

    def __init__(self, objects: Path, folder: Path, bucket: str, prefix: str, md5_tags: bool):
        """`objects` holds the keys as paths; all keys under `prefix` are listed."""
        self.name = bucket
        self.prefix = prefix
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "tmp").mkdir(exist_ok=True)
        files = sorted((path for path in (objects / prefix).rglob("*") if path.is_file()), key=lambda path: str(path).encode())
        self.keys = [path.relative_to(objects).as_posix() for path in files]
        tags = [md5(path) if md5_tags else nginx_tag(path) for path in files]
        (folder / "tags.map").write_text(
            "".join(f"\"/{bucket}/{key}\" '\"{tag}\"';\n" for key, tag in zip(self.keys, tags)) if md5_tags else "")
        write_listing(folder / "listing", bucket, prefix, list(zip(self.keys, tags, files)))
        self.port = free_port()
        (folder / "nginx.conf").write_text(CONFIGURATION.format(
            folder=folder, port=self.port, bucket=bucket, objects=objects, tags=MD5_TAGS if md5_tags else "",
            # A worker of the system's own user could not read what lies in a private folder.
            user=f"user {pwd.getpwuid(0).pw_name};" if os.geteuid() == 0 else ""))
        self._process = subprocess.Popen(
            [NGINX, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"], stdin=subprocess.DEVNULL)
        wait_for(self.port, self._process)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self):
        self._process.terminate()
        self._process.wait()


def md5(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def nginx_tag(path: Path) -> str:
    """The entity tag that nginx makes: time and size in hex. Its hyphen shows S3's clients that it is not an MD5."""
    status = path.stat()
    return f"{int(status.st_mtime):x}-{status.st_size:x}"


def write_listing(folder: Path, bucket: str, prefix: str, objects: list):
    """Writes the pages of ListObjectsV2: the first without a token, the others named by theirs."""
    folder.mkdir(exist_ok=True)
    (folder / "location.xml").write_text('<?xml version="1.0" encoding="UTF-8"?><LocationConstraint/>')
    pages = [objects[start : start + KEYS_PER_PAGE] for start in range(0, len(objects), KEYS_PER_PAGE)]
    for number, page in enumerate(pages):
        more = number + 1 < len(pages)
        entries = "".join(entry(*one) for one in page)
        token = f"<NextContinuationToken>{number + 1}</NextContinuationToken>" if more else ""
        (folder / f"page-{number or ''}.xml").write_text(
            '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{bucket}</Name><Prefix>{escape(prefix)}</Prefix><KeyCount>{len(page)}</KeyCount>"
            f"<MaxKeys>{KEYS_PER_PAGE}</MaxKeys><IsTruncated>{str(more).lower()}</IsTruncated>{token}{entries}"
            "</ListBucketResult>")


def entry(key: str, tag: str, path: Path) -> str:
    status = path.stat()
    time = datetime.datetime.fromtimestamp(int(status.st_mtime), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return (f"<Contents><Key>{escape(key)}</Key><LastModified>{time}</LastModified><ETag>&quot;{tag}&quot;</ETag>"
            f"<Size>{status.st_size}</Size><StorageClass>STANDARD</StorageClass></Contents>")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int, process: subprocess.Popen):
    for _ in range(100):
        if process.poll() is not None:
            raise RuntimeError(f"nginx exited with {process.returncode}: see its error.log")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("nginx does not answer")
