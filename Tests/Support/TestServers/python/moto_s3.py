"""moto's S3 on a free port of 127.0.0.1; prints its URL on stdout."""

import threading

from moto.server import ThreadedMotoServer
from serving import announce, exit_with_parent

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
announce(f"http://{host}:{port}")
exit_with_parent()
threading.Event().wait()
