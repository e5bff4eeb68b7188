"""A store that misbehaves on purpose, on a free port of 127.0.0.1; prints its URL on stdout.

It is both an S3 endpoint (path-style; the bucket's name says how it misbehaves) and a web server with an index at
/BUCKET/index.jsonl. An object's name ends in its size: `a/one-1000.bin`. What it did is at /_log/BUCKET as JSON. State is
kept by bucket, and a bucket may be called NAME.TEXT to have a state of its own. With --tls it speaks https.
"""

import base64
import email.utils
import hashlib
import http.server
import json
import re
import sys
import threading
import time
import urllib.parse
import zlib
from xml.sax.saxutils import escape

from content import content
from serving import announce, exit_with_parent

KEYS = ["a/one-1000.bin", "a/two words+plus=é-70000.bin", "b/three-0.bin"]
LARGE = ["large-3000000.bin"]
ONE = ["one-1000.bin"]
THREE = ["a-1000.bin", "b-1000.bin", "c-1000.bin"]
HUNDRED = [f"{n:03}-2000.bin" for n in range(100)]
SIGNED = [
    "plain-10.bin", "with space-10.bin", "plus+plus-10.bin", "equals=amp&-10.bin", "percent%2Fpercent%-10.bin",
    "ünï-cödé-10.bin", "日本語-10.bin", "😀-10.bin", "a//double-10.bin", "(paren)!*'-10.bin", "semi;colon:at@-10.bin",
    "comma,dollar$-10.bin", "hash#question?-10.bin", "tilde~under_dot.dash-10.bin", "bracket[]{}|^`-10.bin",
    "back\\slash-10.bin", 'quote"<>-10.bin', "+-10.bin", "=-10.bin", "%-10.bin",
]
BUCKETS = {
    "plain": KEYS, "busy": ONE, "busydate": ONE, "always503": ONE, "cut": LARGE, "cutonce": ["one-70000.bin"],
    "norange": LARGE, "notag": LARGE, "chunked": ONE, "chunkedcut": ONE, "stall": ["one-70000.bin"], "replaced": LARGE,
    "replacedalways": LARGE, "sneaky": LARGE, "newsize": LARGE, "grown": ["one-700000.bin"], "changed": ONE, "forbidden": ONE, "unauthorized": ONE, "gone": KEYS,
    "html": ONE, "wrongtag": ONE, "wrongtagonce": ONE, "kms": ONE, "checksums": ONE, "wrongchecksum": ONE,
    "composite": ONE, "endless": ONE, "pages": HUNDRED, "oneexpired": HUNDRED, "oneforbidden": HUNDRED, "listfails": HUNDRED, "listhiccup": HUNDRED,
    "listcut": HUNDRED, "listhtml": HUNDRED, "listloop": HUNDRED, "listdenied": HUNDRED, "listbusy": ONE,
    "region": ONE, "expired": ONE, "signed": SIGNED, "sha": ONE, "nolength": ONE, "redirected": ONE, "redirectloop": ONE,
    "escape": ["../up-10.bin", "/abs-10.bin", "x/../y-10.bin", "x/./y-10.bin", "new\nline-10.bin", "folder/", "good-10.bin"],
    "hostile": [
        "../x-10.bin", "/etc/x-10.bin", "a/../../b-10.bin", "nul\0-10.bin", "folder/", "x" * 300 + "-10.bin",
        "Case-10.bin", "case-10.bin", "\u00e9-10.bin", "e\u0301-10.bin", "good-10.bin",
    ],
    "stallsone": KEYS, "skewed": ONE, "presigned": KEYS,
    "archived": THREE, "encrypted": THREE, "nokms": THREE, "oneof": THREE, "payer": THREE, "allarchived": ONE,
    "multipart": ONE, "multipartsum": ONE, "cutforever": ONE,
}

lock = threading.Lock()
counts = {}
log = {}


def count(bucket, what):
    """The number of earlier calls."""
    with lock:
        counts[bucket, what] = counts.get((bucket, what), 0) + 1
        return counts[bucket, what] - 1


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path, _, query = self.path.partition("?")
        bucket, _, key = urllib.parse.unquote(path[1:]).partition("/")
        if bucket == "_log":
            return self.answer(200, json.dumps(log.get(key, [])).encode())
        with lock:
            log.setdefault(bucket, []).append(
                {
                    "path": self.path,
                    "range": self.headers.get("Range"),
                    "ifMatch": self.headers.get("If-Match"),
                    "connection": self.client_address[1],
                }
            )
        self.bucket = bucket
        self.fault = bucket.split(".")[0]
        if self.fault not in BUCKETS:
            return self.error(404, "NoSuchBucket")
        if self.fault == "payer" and self.headers.get("x-amz-request-payer") != "requester":
            return self.error(403, "AccessDenied")
        if self.fault == "signed" and not self.is_signed():
            return self.error(403, "SignatureDoesNotMatch")
        parameters = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        if key == "index.jsonl":
            return self.index()
        if "list-type" in parameters:
            return self.listing(parameters)
        self.object(key)

    def do_POST(self):
        """Reads a signed body; rejects one that does not match its signature."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.is_signed() or hashlib.sha256(body).hexdigest() != self.headers["x-amz-content-sha256"]:
            return self.error(403, "SignatureDoesNotMatch")
        path, _, query = self.path.partition("?")
        bucket, _, key = urllib.parse.unquote(path[1:]).partition("/")
        if query == "restore=":
            with lock:
                log.setdefault(bucket, []).append({"path": self.path, "range": None, "ifMatch": None, "connection": 0})
            if b"<Days>" not in body:
                return self.error(400, "MalformedXML")
            # The object is there again once its restore has been requested twice.
            if count(bucket, "restore " + key) == 0:
                return self.answer(202, b"")
            return self.error(409, "RestoreAlreadyInProgress")
        self.answer(200, b"")

    # Answers

    def answer(self, status, body, headers=(), length=None):
        """An answer; a `length` that differs from the body's closes the connection after the body."""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        if length is not None and length != len(body):
            self.close_connection = True

    def error(self, status, code, headers=(), message="secret/with+odd=chars"):
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
        self.answer(status, body.encode(), [("Content-Type", "application/xml"), *headers])

    def is_signed(self):
        import signature

        expected = signature.authorization(self.command, self.headers["Host"], self.path, self.headers)
        return expected is not None and expected == self.headers["Authorization"]

    # Listings

    def keys(self):
        return sorted(BUCKETS[self.fault], key=lambda key: key.encode())

    def version(self, key):
        return 1

    def index(self):
        lines = []
        for key in self.keys():
            line = {"url": urllib.parse.quote(key), "size": size_of(key), "site": "north"}
            if self.fault == "presigned":
                line["url"] += "?X-Amz-Signature=hunter2"
            if self.fault == "sha":
                line["sha256"] = hashlib.sha256(content(key, size_of(key))).hexdigest()
            lines.append(json.dumps(line))
        body = ("\n".join(lines) + "\n").encode()
        if self.fault == "nolength":
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True
            return
        self.answer(200, body)

    def listing(self, parameters):
        fault = self.fault
        start = int(parameters.get("continuation-token", "token/+=0").removeprefix("token/+="))
        page_size = min(int(parameters["max-keys"]), 1000)
        if fault == "listdenied":
            return self.error(403, "AccessDenied")
        if fault == "skewed":
            return self.error(403, "RequestTimeTooSkewed")
        if fault == "expired":
            return self.error(400, "ExpiredToken")
        if fault == "region":
            return self.error(301, "PermanentRedirect", [("x-amz-bucket-region", "eu-west-9")])
        if fault == "listbusy" and count(self.bucket, "list") < 2:
            return self.error(503, "SlowDown", [("Retry-After", "0")])
        if fault == "listfails" and start >= 2 * page_size:
            return self.error(500, "InternalError")
        if fault == "listhiccup" and start > 0 and count(self.bucket, start) == 0:
            return self.error(500, "InternalError")
        if fault == "listhtml" and start > 0:
            return self.answer(200, b"<html><body>Please log in</body></html>", [("Content-Type", "text/html")])
        prefix = parameters.get("prefix", "")
        keys = [prefix + key for key in self.keys()]
        if fault in ("escape", "hostile"):
            keys.append("sibling-of-" + prefix + "x-10.bin")
        page = keys[start : start + page_size]
        more = start + page_size < len(keys)
        rows = "".join(
            f"<Contents><Key>{escape(urllib.parse.quote_plus(key, safe='/'))}</Key>"
            f"<LastModified>2026-11-19T22:04:11.000Z</LastModified><ETag>&quot;{listed_tag(fault, key, prefix)}&quot;</ETag>"
            f"<Size>{size_of(key)}</Size><StorageClass>{'GLACIER' if 'archived' in fault else 'STANDARD'}</StorageClass></Contents>"
            for key in page
        )
        token = f"<NextContinuationToken>token/+={start + page_size}</NextContinuationToken>" if more else ""
        if fault == "listloop":
            token = f"<NextContinuationToken>token/+={page_size}</NextContinuationToken>"
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{self.bucket}</Name><EncodingType>url</EncodingType><KeyCount>{len(page)}</KeyCount>"
            f"<IsTruncated>{'true' if more else 'false'}</IsTruncated>{token}{rows}</ListBucketResult>"
        ).encode()
        if fault == "listcut" and start > 0:
            return self.answer(200, body[: len(body) // 2], length=len(body))
        self.answer(200, body, [("Content-Type", "application/xml")])

    # Objects

    def object(self, key):
        fault, bucket = self.fault, self.bucket
        before = count(bucket, key)
        if fault in ("busy", "busydate") and before < 3:
            after = "1" if fault == "busy" else email.utils.formatdate(time.time() + 1, usegmt=True)
            return self.error(503, "SlowDown", [("Retry-After", after)])
        if fault == "always503":
            return self.error(503, "ServiceUnavailable")
        if fault == "forbidden":
            return self.error(403, "AccessDenied")
        if fault == "oneexpired" and key.endswith("060-2000.bin"):
            return self.error(400, "ExpiredToken")
        if fault == "oneforbidden" and key.endswith("060-2000.bin"):
            return self.error(403, "AccessDenied")
        if fault == "unauthorized":
            return self.answer(401, b"")
        if key.endswith("b-1000.bin") or fault == "allarchived":
            if fault in ("archived", "allarchived") and counts.get((bucket, "restore " + key), 0) < 2:
                return self.error(403, "InvalidObjectState")
            if fault == "encrypted":
                return self.error(400, "InvalidRequest", message="Stored using a form of Server Side Encryption.")
            if fault == "nokms":
                return self.error(400, "KMS.DisabledException")
            if fault == "oneof":
                return self.error(403, "AccessDenied")
        if fault in ("gone", "presigned") and key.endswith("one-1000.bin"):
            return self.error(404, "NoSuchKey")
        if fault == "html":
            return self.answer(200, b"<html>Please log in</html>", [("Content-Type", "text/html")])
        if fault == "redirected" and not key.startswith("there/"):
            return self.answer(302, b"", [("Location", f"/{bucket}/there/{urllib.parse.quote(key)}")])
        if fault == "redirectloop":
            return self.answer(302, b"", [("Location", self.path)])
        if fault == "endless":
            return self.endless()

        name = key.removeprefix("there/")
        version = 1
        if fault in ("replaced", "sneaky") and before >= 2:
            version = 2
        if fault == "replacedalways":
            version = before
        if fault in ("changed", "newsize", "grown"):
            version = 2
        size = size_of(name) + (500_000 if fault in ("newsize", "grown") else 0)
        body = content(unprefixed(name), size, version)
        tag = hashlib.md5(body).hexdigest()
        if fault == "wrongtag" or (fault == "wrongtagonce" and before == 0):
            tag = hashlib.md5(b"something else").hexdigest()
        if fault.startswith("multipart"):
            tag += "-3"
        headers = [("Last-Modified", "Thu, 19 Nov 2026 22:04:11 GMT")]
        if fault == "kms":
            tag = "0" * 32
            headers.append(("x-amz-server-side-encryption", "aws:kms"))
        if fault != "notag":
            headers.append(("ETag", f'"{tag}"'))
        headers += self.checksums(body, before)
        self.body(body, tag, headers, before)

    def checksums(self, body, before):
        if self.fault == "composite":
            return [("x-amz-checksum-crc32", "AAAAAA==-3"), ("x-amz-checksum-type", "COMPOSITE")]
        if self.fault == "wrongchecksum" and before == 0:
            return [("x-amz-checksum-crc32", "AAAAAA==")]
        if self.fault not in ("checksums", "wrongchecksum", "multipartsum"):
            return []
        crc32 = ("x-amz-checksum-crc32", base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode())
        if self.fault == "multipartsum":
            return [crc32]
        return [
            crc32,
            ("x-amz-checksum-sha1", base64.b64encode(hashlib.sha1(body).digest()).decode()),
            ("x-amz-checksum-sha256", base64.b64encode(hashlib.sha256(body).digest()).decode()),
            ("Content-MD5", base64.b64encode(hashlib.md5(body).digest()).decode()),
        ]

    def body(self, body, tag, headers, before):
        fault = self.fault
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if_match = self.headers.get("If-Match")
        if if_match and fault != "sneaky" and if_match.strip('"') != tag:
            return self.error(412, "PreconditionFailed")
        status, part = 200, body
        if wanted and fault != "norange":
            first, last = int(wanted[1]), int(wanted[2] or len(body) - 1)
            if first >= len(body):
                return self.error(416, "InvalidRange")
            last = min(last, len(body) - 1)
            status, part = 206, body[first : last + 1]
            headers.append(("Content-Range", f"bytes {first}-{last}/{len(body)}"))
        if fault != "norange":
            headers.append(("Accept-Ranges", "bytes"))
        if fault == "cutforever":
            return self.answer(status, part[: 600 if before == 0 else 0], headers, length=len(part))
        if (fault in ("cut", "norange") and before < 3) or (fault == "cutonce" and before == 0):
            return self.answer(status, part[: len(part) * 2 // 3], headers, length=len(part))
        if (fault == "stall" or (fault == "stallsone" and len(part) == 1000)) and before == 0:
            self.answer(status, part[: len(part) // 2], headers, length=len(part))
            self.wfile.flush()
            time.sleep(30)
            return
        if fault in ("chunked", "chunkedcut"):
            return self.chunked(status, part, headers, cut=fault == "chunkedcut" and before == 0)
        self.answer(status, part, headers)

    def chunked(self, status, body, headers, cut):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        half = len(body) // 2
        for piece in (body[:half],) if cut else (body[:half], body[half:]):
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        if cut:
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")

    def endless(self):
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            while True:
                self.wfile.write(bytes(65536))
        except OSError:
            pass


def unprefixed(key):
    """Objects are the same under every prefix that ends in a slash and is called p…/."""
    return re.sub(r"^p[0-9]*/", "", key)


def size_of(key):
    found = re.search(r"-(\d+)\.bin$", key)
    return int(found[1]) if found else 0


def listed_tag(fault, key, prefix):
    if fault == "kms":
        return "0" * 32
    tag = hashlib.md5(content(unprefixed(key), size_of(key))).hexdigest()
    return f"{tag}-3" if fault.startswith("multipart") else tag


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *_):
        """Many tests hang up on purpose."""


def with_certificate(server):
    """Wraps a server's socket with an untrusted certificate."""
    import datetime
    import ssl
    import tempfile

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    with tempfile.NamedTemporaryFile() as file:
        encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        file.write(key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain))
        file.write(certificate.public_bytes(encoding))
        file.flush()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file.name)
    server.socket = context.wrap_socket(server.socket, server_side=True)


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Handler)
    scheme = "http"
    if "--tls" in sys.argv:
        with_certificate(server)
        scheme = "https"
    announce(f"{scheme}://127.0.0.1:{server.server_port}")
    exit_with_parent()
    server.serve_forever()
