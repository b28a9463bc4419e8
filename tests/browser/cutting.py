"""A network that takes what is sent and loses the answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Cutter:
    """Between a browser and the server; while `cutting`, the answers to POSTs do not come back."""

    def __init__(self, port: int) -> None:
        self.behind = port
        self.cutting = False
        self.lost = 0
        """Requests that reached the server whole and whose answers were thrown away."""
        self.door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.door.getsockname()[1]}"

    def run(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.door.accept()
                far = socket.create_connection(("127.0.0.1", self.behind))
                Passage(self, near, far).open()


class Passage:
    """One connection."""

    def __init__(self, cutter: Cutter, near: socket.socket, far: socket.socket) -> None:
        self.cutter, self.near, self.far = cutter, near, far
        self.posting = False

    def open(self) -> None:
        for work in (self._there, self._back):
            threading.Thread(target=work, daemon=True).start()

    def _there(self) -> None:
        with suppress(OSError):
            while chunk := self.near.recv(65536):
                # Browsers send one request after the other on a connection.
                if chunk.startswith((b"POST ", b"GET ")):
                    self.posting = chunk.startswith(b"POST ")
                self.far.sendall(chunk)
        self._close()

    def _back(self) -> None:
        with suppress(OSError):
            while chunk := self.far.recv(65536):
                if self.posting and self.cutter.cutting:
                    self.cutter.lost += 1
                    break
                self.near.sendall(chunk)
        self._close()

    def _close(self) -> None:
        for end in (self.near, self.far):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextmanager
def cutter(url: str) -> Iterator[Cutter]:
    """In front of the server at ``url``."""
    made = Cutter(int(url.rsplit(":", 1)[1]))
    threading.Thread(target=made.run, daemon=True).start()
    try:
        yield made
    finally:
        made.door.shutdown(socket.SHUT_RDWR)
        made.door.close()
