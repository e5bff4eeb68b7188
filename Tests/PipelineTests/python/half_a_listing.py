"""A store whose listings fail on their second page, and a web server with misleading pages.

Prints its URL as its first line of output and ends when its stdin closes. A bucket's name says what happens to the second
thousand of its keys: `error` (500), `cut` (the body ends early), `html` (a login page), `loop` (the same page each time),
`fine` (nothing). /web/index.jsonl lists recordings of which one is a login page; /cut/index.jsonl ends in mid-line.
"""

import http.server
import os
import struct
import sys
import threading

PAGE = b"<html><body>Please log in</body></html>"


def recording(seed):
    """A second of noise as a WAV file."""
    state, samples = seed, []
    for _ in range(8000):
        state = (state * 1103515245 + 12345) % 2**31
        samples.append((state >> 8) % 20000 - 10000)
    data = struct.pack(f"<{len(samples)}h", *samples)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16)
    return b"RIFF" + struct.pack("<I", 4 + len(form) + 8 + len(data)) + b"WAVE" + form + b"data" + struct.pack("<I", len(data)) + data


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/web/index.jsonl":
            self.answer(b'{"url": "good.wav"}\n{"url": "other.wav"}\n{"url": "page.wav"}\n')
        elif path == "/cut/index.jsonl":
            self.answer(b'{"url": "good.wav"}\n{"url": "oth')
        elif path.endswith("/page.wav"):
            self.answer(PAGE, "text/html")
        elif path.endswith(".wav"):
            self.answer(recording(len(path)))
        else:
            self.listing(path.strip("/"), second="continuation-token" in query)

    def listing(self, bucket, second):
        if second and bucket == "error":
            return self.answer(b"<Error><Code>InternalError</Code></Error>", status=500)
        if second and bucket == "html":
            return self.answer(PAGE, "text/html")
        first = 1000 if second and bucket != "loop" else 0
        rows = "".join(
            f"<Contents><Key>{n:05}.wav</Key><LastModified>2026-11-19T22:04:11.000Z</LastModified>"
            f"<ETag>&quot;{n:032x}&quot;</ETag><Size>100</Size></Contents>"
            for n in range(first, first + 1000)
        )
        more = not second or bucket == "loop"
        body = (
            '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{bucket}</Name><KeyCount>1000</KeyCount><IsTruncated>{str(more).lower()}</IsTruncated>"
            + ("<NextContinuationToken>onwards</NextContinuationToken>" if more else "")
            + f"{rows}</ListBucketResult>"
        ).encode()
        cut = second and bucket == "cut"
        self.answer(body[: len(body) // 2] if cut else body, "application/xml", length=len(body))

    def answer(self, body, kind="application/octet-stream", status=200, length=None):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length or len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = length is not None and length != len(body)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A client that hangs up is expected."""


def end_with_parent():
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    threading.Thread(target=end_with_parent, daemon=True).start()
    sys.exit(server.serve_forever())
