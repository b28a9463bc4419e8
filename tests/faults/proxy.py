"""Stands between us and the database's socket, and cuts the connection when a transaction ends.

The end is the one moment at which nobody can know: a COMMIT that was sent may have counted or not.
"""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

SOCKET = ".s.PGSQL.5432"
COMMIT = b"COMMIT\0"
BEFORE, LATE, AFTER = "before", "late", "after"
"""COMMIT does not reach the server; it does, and nobody waits; its answer is lost on the way."""


class Proxy:
    """Passes everything on, until it was told to cut."""

    def __init__(self, folder: Path, upstream: Path) -> None:
        self.upstream, self.cut, self.cuts = upstream, "", 0
        self.lock = threading.Lock()
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(str(folder / SOCKET))
        self.listening.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def arm(self, cut: str) -> None:
        """Cut at the next COMMIT; with no name, not any more."""
        with self.lock:
            self.cut = cut

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self.listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self.upstream))
                pair = client, server
                threading.Thread(target=self._ask, args=pair, daemon=True).start()
                threading.Thread(target=self._answer, args=pair, daemon=True).start()

    def _armed(self, *cuts: str) -> str:
        """The cut to be made now, if it is one of these; counted before anybody can notice it."""
        with self.lock:
            cut, self.cut = (self.cut, "") if self.cut in cuts else ("", self.cut)
            self.cuts += bool(cut)
        return cut

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while sent := client.recv(65536):
                if COMMIT in sent and (cut := self._armed(BEFORE, LATE)):
                    # First, or the answer to a late one could still pass.
                    client.shutdown(socket.SHUT_RDWR)
                    if cut == LATE:
                        server.sendall(sent)
                    break
                server.sendall(sent)
        close(client, server)

    def _answer(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while said := server.recv(65536):
                if COMMIT in said and self._armed(AFTER):
                    break
                client.sendall(said)
        close(client, server)


def close(*ends: socket.socket) -> None:
    """Both ends of a connection, of which one may be gone."""
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


@contextmanager
def proxied(address: str) -> Iterator[tuple[Proxy, str]]:
    """A proxy before the server of a connection string, and the string that goes through it."""
    upstream = Path(str(conninfo_to_dict(address)["host"])) / SOCKET
    with tempfile.TemporaryDirectory() as folder:
        proxy = Proxy(Path(folder), upstream)
        try:
            yield proxy, make_conninfo(address, host=folder)
        finally:
            proxy.listening.close()
