"""What all servers here share: they print their URL on stdout, and end when stdin closes."""

import os
import sys
import threading


def announce(url):
    print(url, flush=True)


def exit_with_parent(cleanup=lambda: None):
    """Ends the process when stdin closes: a test that dies leaves no server behind."""

    def wait():
        while os.read(0, 4096):
            pass
        cleanup()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    sys.exit("a module, not a server")
