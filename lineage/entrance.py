"""Who asks: sign-in as in the warehouse, sessions, and the record of what auditors look at.

A browser signs in once and bears a cookie; a script sends user and password with each request (HTTP Basic).
Producers of events are no readers: they send a key where one is set. Sessions live in memory: after a restart
of the service everybody signs in again, and whoever was removed from the warehouse is out by then at the
latest, or after `SESSION` has passed.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from binascii import Error as NoBase64
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from aiohttp import BasicAuth, web

from bilten.errors import ReadingRefused, SignInFailed
from bilten.settings import Settings
from lineage.api import READER, Handler, json_answer, json_body
from lineage.evidence import record
from warehouse.access.identity import Reader, sign_in

COOKIE: Final = "bilten_lineage"
SESSION: Final = 12 * 3600.0
"""Seconds that a session lasts."""
MOST_SESSIONS: Final = 10_000
AUDITOR: Final = "auditor"
OVERSEERS: Final = frozenset({AUDITOR, "engineer"})
"""Roles that see what others exported and looked at."""

_OPEN: Final = ("/api/v1/session", "/api/v1/openapi.json", "/api/v1/facets/")
_NOT_RECORDED: Final = ("/api/v1/search", "/api/v1/moments", "/api/v1/exports", "/api/v1/views")
"""What is asked in passing: while somebody types, and to show the record itself."""


class Entrance:
    """Knows who is signed in.

    Args:
        settings: where the warehouse is, and the key of producers.
        folder: where views of auditors are recorded.
        ask: says who somebody is, by name and password; raises `SignInFailed`.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        ask: Callable[[Settings, str, str], Reader] = sign_in,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._ask = ask
        self._clock = clock
        self._sessions: dict[str, tuple[Reader, float]] = {}

    async def admit(self, name: str, password: str) -> Reader:
        """Who somebody is, if the warehouse knows them and they may read here at all.

        Raises:
            SignInFailed: name or password is wrong.
            ReadingRefused: none of the roles may see the structure of the platform.
            WarehouseUnavailable: the warehouse does not answer.
        """
        reader = await asyncio.to_thread(self._ask, self._settings, name, password)
        if not reader.sees_structure:
            raise ReadingRefused(
                f"{name} may not see the lineage of the platform.",
                why="A user needs a role that is not confined to rows of its own.",
                remedy="Ask whoever runs the platform for such a role (`bilten users roles`).",
            )
        return reader

    def begin(self, reader: Reader) -> str:
        """Begin a session.

        Returns:
            Its secret, for the cookie.
        """
        now = self._clock()
        if len(self._sessions) >= MOST_SESSIONS:
            self._sessions = {key: each for key, each in self._sessions.items() if each[1] > now}
        token = secrets.token_urlsafe(32)
        self._sessions[token] = reader, now + SESSION
        return token

    def end(self, token: str) -> None:
        """End a session; one that is not there is ended already."""
        self._sessions.pop(token, None)

    async def reader_of(self, request: web.Request) -> Reader:
        """Who sends a request.

        Raises:
            SignInFailed: nobody is signed in, or name or password is wrong.
            ReadingRefused: see `admit`.
            WarehouseUnavailable: the warehouse does not answer.
        """
        found = self._sessions.get(request.cookies.get(COOKIE, ""))
        if found is not None and found[1] > self._clock():
            return found[0]
        if (header := request.headers.get("Authorization", "")).lower().startswith("basic "):
            try:
                given = BasicAuth.decode(header, "utf-8")
            except (ValueError, NoBase64) as error:
                raise SignInFailed("The header Authorization cannot be read.") from error
            return await self.admit(given.login, given.password)
        raise SignInFailed("Nobody is signed in.")

    def check_producer(self, request: web.Request) -> None:
        """Refuse events from those who lack the key, where one is set.

        Raises:
            SignInFailed: the key is missing or another one.
        """
        key = self._settings.lineage_api_key
        if key is None:
            return
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), key.get_secret_value().encode()):
            raise SignInFailed(
                "The event was not taken.",
                why="The key of producers is missing or wrong.",
                remedy="Send `Authorization: Bearer <BILTEN_LINEAGE_API_KEY>` (OpenLineage's `api_key`).",
            )

    async def note_view(self, reader: Reader, request: web.Request) -> None:
        """Record what an auditor is about to see; without that nobody sees it.

        Raises:
            LineageError: it cannot be recorded.
        """
        if AUDITOR not in reader.roles or request.path.startswith(_NOT_RECORDED):
            return
        entry = {
            "at": datetime.now(UTC),
            "by": reader.name,
            "path": request.path,
            "query": request.query_string,
        }
        await asyncio.to_thread(record.note, self._folder / "views.jsonl", entry)


ENTRANCE = web.AppKey("entrance", Entrance)


def entrance_routes() -> list[web.RouteDef]:
    """The routes of signing in and out."""
    return [
        web.get("/api/v1/session", show_session),
        web.post("/api/v1/session", begin_session),
        web.delete("/api/v1/session", end_session),
    ]


@web.middleware
async def signed_in(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let nobody read who is not signed in, and nobody write without the key of producers."""
    entrance = request.app[ENTRANCE]
    if request.path.startswith("/api/") and not request.path.startswith(_OPEN):
        if request.method == "POST":
            entrance.check_producer(request)
        else:
            reader = request[READER] = await entrance.reader_of(request)
            await entrance.note_view(reader, request)
    return await handler(request)


async def show_session(request: web.Request) -> web.Response:
    """Who is signed in."""
    return json_answer(_told(await request.app[ENTRANCE].reader_of(request)))


async def begin_session(request: web.Request) -> web.Response:
    """Sign in with `user` and `password` of the warehouse; the answer sets a cookie."""
    body = await json_body(request)
    given = [body.get(name) if isinstance(body, dict) else None for name in ("user", "password")]
    if not all(isinstance(each, str) for each in given):
        raise SignInFailed("Nobody is signed in.", why="`user` and `password` are missing.")
    entrance = request.app[ENTRANCE]
    reader = await entrance.admit(str(given[0]), str(given[1]))
    answer = json_answer(_told(reader))
    answer.set_cookie(
        COOKIE,
        entrance.begin(reader),
        max_age=int(SESSION),
        httponly=True,
        samesite="Strict",
        secure=request.secure,
        path="/",
    )
    return answer


async def end_session(request: web.Request) -> web.Response:
    """Sign out."""
    request.app[ENTRANCE].end(request.cookies.get(COOKIE, ""))
    answer = json_answer({})
    answer.del_cookie(COOKIE, path="/")
    return answer


def _told(reader: Reader) -> dict[str, object]:
    recorded = AUDITOR in reader.roles
    return {"user": reader.name, "roles": list(reader.roles), "recorded": recorded}
