"""A receiver of webhooks that checks signatures on its own, and misbehaves by path.

POST /ok takes; /once-503 refuses each id's first try; /refuse says 403; /slow does not answer; /redirect points to /ok.
GET /_log is a JSON list of what was posted: path, id, body, and whether the signature under the secret `hush` is right.
"""

import hashlib
import hmac
import http.server
import json
import time

from serving import announce, exit_with_parent

SECRET = b"hush"
seen = []


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signed = self.headers.get("Nocturne-Timestamp", "").encode() + b"." + body
        wanted = "v1=" + hmac.new(SECRET, signed, hashlib.sha256).hexdigest()
        tries = sum(1 for entry in seen if entry["id"] == self.headers.get("Idempotency-Key"))
        seen.append({
            "path": self.path, "id": self.headers.get("Idempotency-Key"), "body": body.decode(),
            "type": self.headers.get("Content-Type"), "timestamp": self.headers.get("Nocturne-Timestamp"),
            "signed": hmac.compare_digest(wanted, self.headers.get("Nocturne-Signature", "")),
        })
        if self.path == "/slow":
            time.sleep(30)
        if self.path == "/redirect":
            return self.answer(302, {"Location": "/ok"})
        if self.path == "/once-503" and tries == 0:
            return self.answer(503, {})
        self.answer(403 if self.path == "/refuse" else 204, {})

    def do_GET(self):
        self.answer(200, {}, json.dumps(seen).encode())

    def answer(self, status, headers, body=b""):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
exit_with_parent()
announce(f"http://127.0.0.1:{server.server_address[1]}")
server.serve_forever()
