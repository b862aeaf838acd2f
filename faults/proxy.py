"""A wire between loader and warehouse that loses answers, holds them up, or tells when an insert begins."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

PIECE_BYTES = 256 * 1024
INSERT = b"landing."
"""In the request of every insert of changes."""


class Wire:
    """Passes bytes on between any number of clients and one server.

    What befalls inserts is set by the attributes, at any time: ``lost`` answers are received and never passed
    on, ``held_seconds`` is how long each is held up, ``noticed`` is called when an insert begins.

    Args:
        host: of the server.
        port: of the server.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.lost = 0
        self.held_seconds = 0.0
        self.noticed: Callable[[], object] | None = None
        self.befallen = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Wire:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        inserting = threading.Event()
        with client, suppress(OSError), socket.create_connection(self._target) as server:
            threading.Thread(target=self._ask, args=(client, server, inserting), daemon=True).start()
            while piece := server.recv(PIECE_BYTES):
                if inserting.is_set():
                    inserting.clear()
                    if self._befalls():
                        break
                client.sendall(piece)
        # The other thread may wait for the client still.
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)

    def _ask(self, client: socket.socket, server: socket.socket, inserting: threading.Event) -> None:
        with suppress(OSError):
            while piece := client.recv(PIECE_BYTES):
                if INSERT in piece[:4096]:
                    inserting.set()
                    if self.noticed is not None:
                        self.noticed()
                server.sendall(piece)
            server.shutdown(socket.SHUT_WR)

    def _befalls(self) -> bool:
        """The server has done an insert and says so: whether the client never learns of it."""
        with self._lock:
            is_lost, self.lost = self.lost > 0, max(0, self.lost - 1)
            self.befallen += is_lost or self.held_seconds > 0
        time.sleep(self.held_seconds)
        return is_lost
