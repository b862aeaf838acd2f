"""One request on the engine, from its settings to its last byte. All of it blocks and runs in threads."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final

from warehouse.server import entrance, formats, native, permission
from warehouse.server.engine import (
    ID_SETTING,
    Block,
    Connection,
    Engine,
    Inserter,
    Output,
    quote,
    quote_name,
    quote_setting,
)
from warehouse.server.failures import (
    BAD_REQUEST_PARAMETER,
    EngineError,
)
from warehouse.server.jobs import Answer, Job
from warehouse.server.reach import Reach
from warehouse.server.sessions import Session
from warehouse.server.spares import Spares
from warehouse.server.streamed_insert import StreamedInserter

FIRST_BYTES: Final = 256 * 1024
"""A result up to this size is answered in one piece, so that an error in it still has a proper status."""

SPOOLED_BYTES: Final = 8 * 1024 * 1024
"""A result that has to be complete before its first byte is sent moves to a file past this size."""


class Execution:
    """Runs a `Job`; call `close` in any case.

    Args:
        engine: the engine.
        job: what to run.
        session: the client's session, held for this request, or None.
        folder: where results are written that can't be sent block by block.
        spares: connections that wait for inserts.
        reach: knows what people may not name.
        changed: told of each statement that may have changed something, when it is over.
    """

    def __init__(
        self,
        engine: Engine,
        job: Job,
        session: Session | None,
        folder: Path,
        spares: Spares,
        reach: Reach,
        changed: Callable[[bytes, str], None],
    ) -> None:
        self._changed = changed
        self._may_change = True
        self._spares = spares
        self._reach = reach
        self._engine = engine
        self._job = job
        self._session = session
        self._folder = folder
        self._connection: Connection | None = None
        self._applied: dict[str, str] = {}
        self._blocks: Iterator[Block] | None = None
        self._joiner: formats.Joiner | None = None
        self._inserter: Inserter | StreamedInserter | None = None
        self._columns: tuple[list[str], list[str]] | None = None
        self._leaves_state = False
        self._reusable: tuple[object, ...] | None = None

    def begin(self) -> Connection:
        """Open or take the connection, refuse what may not run, and set what the request set."""
        job, call = self._job, self._job.call
        permission.check_text(job.statement)
        self._reach.check(job)
        entrance.check_format(call.default_format)
        pinned = self._session.connection if self._session is not None else None
        connection = self._connection = pinned or self._engine.connect()
        kind, count = self._classify(connection)
        self._may_change = kind != "READ_ONLY"
        self._leaves_state = permission.check_class(job.statement, kind, count, read_only=job.read_only)
        entrance.check_statement(connection, job.statement, job.sql, kind, count, job.principal)
        if pinned is None:
            entrance.enter(connection, job.principal, call, self._folder)
        else:
            self._enter_again(connection)
        settings = {
            "log_queries": "1",
            "log_comment": job.query_id,
            ID_SETTING: job.query_id,
            **call.settings,
        }
        # SET and USE change the session itself: what a request sets for one query must not stay with it.
        if job.statement.verb not in ("SET", "USE"):
            self._applied = settings
            if self._has_own_tables and self._is_native and job.statement.streams:
                # Another connection would not see these tables; and once the settings are made, the engine
                # would log this question as the client's.
                connection.apply(call.settings)
                self._columns = connection.describe(self._plain_sql(), call.parameters)
            connection.apply(settings)
        else:
            for name in call.settings:
                if name not in self._engine.base_settings:
                    raise EngineError(
                        f"Unknown setting '{quote_setting(name)}'.", code=115, name="UNKNOWN_SETTING"
                    )
        return connection

    def _enter_again(self, connection: Connection) -> None:
        """Tables, roles and database of one request in a session that has a connection."""
        call, principal = self._job.call, self._job.principal
        entrance.fill(connection, principal, call, self._folder)
        if not principal.is_platform:
            entrance.take_roles(connection, principal, call)
        elif call.roles:
            connection.execute(f"SET ROLE {', '.join(quote_name(role) for role in call.roles)}")
        entrance.use(connection, call)

    @property
    def is_streaming(self) -> bool:
        """Whether blocks of a result are still to come."""
        return self._blocks is not None

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is open any more, so that `close` would do nothing."""
        return self._connection is None and self._blocks is None

    def run(self) -> Answer:
        """Run a statement without INSERT data up to the first bytes of its result.

        Raises:
            EngineError: with the engine's code.
        """
        try:
            answer = self._run()
        finally:
            self._tell()
        if answer.complete and self._session is None and self._blocks is None:
            # One hop into a thread less than if somebody had to ask for it.
            self.close()
        return answer

    def _run(self) -> Answer:
        connection = self.begin()
        job = self._job
        key = job.output_format.lower()
        if job.statement.streams and key != "null":
            names = frozenset(job.call.settings)
            if formats.can_stream(key, names, with_totals=job.statement.with_totals):
                return self._stream(connection)
            return self._spool(connection)
        output = connection.execute(job.sql, job.output_format, job.call.parameters)
        self._keep_state(connection)
        data = output.data
        if key == "native":
            data = native.rewrite_all(data, job.call.protocol_revision, None)
        has_result = job.statement.has_result or bool(data)
        return self._finished(output, data, job.output_format if has_result else None)

    def more(self) -> bytes | None:
        """The next bytes of a result that is not complete; None at its end.

        Raises:
            EngineError: the query failed on its way.
        """
        if self._blocks is None or self._joiner is None:
            return None
        block = next(self._blocks, None)
        if block is None:
            self._blocks = None
            return self._joiner.end() or None
        return self._joiner.add(block.data)

    def begin_insert(self) -> None:
        """Start an INSERT whose data follow with `append`.

        Raises:
            EngineError: with the engine's code.
        """
        key = self._insert_key()
        if key is not None:
            self._begin_plain_insert(key)
            return
        connection = self.begin()
        if self._job.statement.through_query:
            self._inserter = StreamedInserter(
                connection, self._job.sql, self._job.statement.input_format or "", self._job.call.parameters
            )
            return
        for name, value in self._job.call.parameters.items():
            connection.execute(f"SET param_{quote_setting(name)} = {quote(value)}")
        self._inserter = connection.insert(
            self._job.sql, self._job.statement.input_format or "Values", self._folder
        )

    def _insert_key(self) -> tuple[object, ...] | None:
        """What is set on a connection for an insert that leaves nothing behind on it; None for others."""
        call = self._job.call
        if self._session is not None or call.tables or call.parameters or self._job.statement.through_query:
            return None
        return self._job.principal, call.roles, call.database, tuple(sorted(call.settings.items()))

    def _begin_plain_insert(self, key: tuple[object, ...]) -> None:
        """Begin on a connection that was used for such inserts before, or on a fresh one."""
        job = self._job
        permission.check_text(job.statement)
        self._reach.check(job)
        permission.check_class(job.statement, "MUTATING", 1, read_only=job.read_only)
        connection = self._spares.take(key)
        if connection is None:
            connection = self._connection = entrance.opened(
                self._engine, job.principal, job.call, self._folder
            )
            connection.apply({"log_queries": "1", **job.call.settings})
        self._connection = connection
        self._reusable = key
        own = {"log_comment": job.query_id, ID_SETTING: job.query_id}
        for name in own.keys() & job.call.settings.keys():
            del own[name]
        self._inserter = connection.insert(
            job.sql, job.statement.input_format or "Values", self._folder, settings=own
        )

    def append(self, data: bytes) -> None:
        """More INSERT data, cut anywhere."""
        if self._inserter is not None and data:
            self._inserter.append(data)

    def finish_insert(self) -> Answer:
        """Commit the INSERT."""
        if self._inserter is None:
            raise EngineError("The insert was not begun.")
        inserter, self._inserter = self._inserter, None
        try:
            answer = self._finished(inserter.finish(), b"", None)
        finally:
            self._tell()
        if self._reusable is not None and self._connection is not None:
            # Only after a success: what an error left of a session is not known.
            connection, self._connection = self._connection, None
            self._spares.give(self._reusable, connection)
        return answer

    def _tell(self) -> None:
        """Before anybody can know that the statement is over."""
        if self._may_change:
            session = self._session.database if self._session is not None else ""
            self._changed(self._job.statement.text, self._job.call.database or session)

    def insert_at_once(self, data: bytes) -> Answer:
        """An INSERT whose data are all there: one hop into a thread instead of three."""
        self.begin_insert()
        self.append(data)
        return self.finish_insert()

    def close(self) -> None:
        """Give the connection back or close it; drains a stream that nobody reads any more: kill it first."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        with contextlib.suppress(EngineError):
            if self._inserter is not None:
                self._inserter.cancel()
            for _ in self._blocks or ():
                pass
        if self._session is None or self._session.connection is not connection:
            connection.close()
            return
        try:
            self._restore(connection, self._session)
        except EngineError:
            # For instance `readonly`, which can't be taken back: better no state than a wrong one.
            self._session.connection = None
            self._session.settings = {}
            connection.close()

    def _classify(self, connection: Connection) -> tuple[str, int]:
        # An INSERT without its data isn't a statement that the engine's parser knows.
        if self._job.statement.input_format is not None:
            return "MUTATING", 1
        return connection.classify(self._job.sql)

    def _stream(self, connection: Connection) -> Answer:
        job = self._job
        revision = job.call.protocol_revision
        blocks = connection.stream(job.sql, job.output_format, job.call.parameters)
        try:
            first = next(blocks, None)
        except EngineError as error:
            if error.code != BAD_REQUEST_PARAMETER or "Streaming query is not supported" not in error.text:
                raise
            output = connection.execute(job.sql, job.output_format, job.call.parameters)
            data = native.rewrite_all(output.data, revision, None) if self._is_native else output.data
            return self._finished(output, data, job.output_format)
        if first is None:
            return self._empty(connection)
        types: list[str] | None = None
        if self._is_native and revision and b"DateTime" in first.data:
            described = self._described()[1]
            types = described if native.needs_types(first.data, described) else None
        joiner = formats.joiner(job.output_format, revision=revision, types=types)
        self._joiner, self._blocks = joiner, blocks
        return self._collect(first, joiner, blocks)

    def _collect(self, first: Block, joiner: formats.Joiner, blocks: Iterator[Block]) -> Answer:
        """The first bytes of a stream, or all of it if it is small or has to be complete."""
        job = self._job
        answer = Answer(job.output_format, read_rows=first.read_rows, read_bytes=first.read_bytes)
        parts = [joiner.add(first.data)]
        size, rows = len(parts[0]), first.rows
        file: IO[bytes] | None = None
        while file is not None or job.call.wait_end_of_query or size < FIRST_BYTES:
            block = next(blocks, None)
            if block is None:
                self._blocks = None
                parts.append(joiner.end())
                break
            answer.read_rows, answer.read_bytes = block.read_rows, block.read_bytes
            rows += block.rows
            parts.append(joiner.add(block.data))
            size += len(parts[-1])
            if size > SPOOLED_BYTES:
                file = file or tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
                file.writelines(parts)
                parts.clear()
        else:
            answer.complete = False
        answer.result_rows = rows
        if file is None:
            answer.data = b"".join(parts)
        else:
            file.writelines(parts)
            file.seek(0)
            answer.file = file
        return answer

    def _empty(self, connection: Connection) -> Answer:
        """A result without rows: the engine streams nothing then, not even the columns."""
        job = self._job
        if self._is_native:
            names, types = self._described()
            return Answer(job.output_format, native.empty_block(names, types, job.call.protocol_revision))
        if not formats.has_head(job.output_format):
            return Answer(job.output_format)
        output = connection.execute(job.sql, job.output_format, job.call.parameters)
        return self._finished(output, output.data, job.output_format)

    def _spool(self, connection: Connection) -> Answer:
        """A whole document: the engine writes it into a file, at constant memory."""
        job = self._job
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix="result-") as file:
            clause = f"\nINTO OUTFILE {quote(file.name)} TRUNCATE\n"
            at = job.statement.format_at
            if at is None:
                sql = f"{job.sql}{clause}FORMAT {job.output_format}"
            else:
                raw = job.statement.text
                sql = (raw[:at] + clause.encode() + raw[at:]).decode("utf-8", "surrogateescape")
            output = connection.execute(sql, job.output_format, job.call.parameters)
            # The name goes, the open file stays until it is sent.
            handle = Path(file.name).open("rb")  # noqa: SIM115
        answer = self._finished(output, b"", job.output_format)
        answer.data = handle.read(FIRST_BYTES)
        if len(answer.data) < FIRST_BYTES:
            handle.close()
        else:
            handle.seek(0)
            answer.file = handle
        return answer

    def _plain_sql(self) -> str:
        """The statement without its FORMAT clause."""
        at = self._job.statement.format_at
        text = self._job.statement.text if at is None else self._job.statement.text[:at]
        return text.decode("utf-8", "surrogateescape")

    @property
    def _is_native(self) -> bool:
        return self._job.output_format.lower() == "native"

    @property
    def _has_own_tables(self) -> bool:
        pinned = self._session is not None and self._session.connection is self._connection
        return pinned or bool(self._job.call.tables)

    def _described(self) -> tuple[list[str], list[str]]:
        """Names and full types of the result's columns, asked on a connection that nobody logs."""
        if self._columns is None:
            call = self._job.call
            with entrance.opened(self._engine, self._job.principal, call, self._folder) as connection:
                connection.apply(call.settings)
                self._columns = connection.describe(self._plain_sql(), call.parameters)
        return self._columns

    def _keep_state(self, connection: Connection) -> None:
        """After SET, USE and CREATE TEMPORARY TABLE in a session, its connection stays with it."""
        session = self._session
        if session is None or not self._leaves_state:
            return
        session.connection = connection
        verb = self._job.statement.verb
        if verb == "USE":
            session.database = (
                connection.execute("SELECT currentDatabase()", "TSVRaw").data.decode().rstrip("\n")
            )
        elif verb == "SET":
            session.settings = connection.changed_settings()

    def _restore(self, connection: Connection, session: Session) -> None:
        for table in self._job.call.tables:
            connection.execute(f"DROP TABLE IF EXISTS {quote_name(table.name)}")
        base = {**self._engine.base_settings, **self._job.principal.settings}
        before = {name: session.settings.get(name, base[name]) for name in self._applied if name in base}
        connection.apply(before)
        if self._job.call.database and self._job.statement.verb != "USE":
            connection.execute(f"USE {quote_name(session.database or 'default')}")

    def _finished(self, output: Output, data: bytes, output_format: str | None) -> Answer:
        return Answer(
            output_format,
            data,
            read_rows=output.read_rows,
            read_bytes=output.read_bytes,
            written_rows=output.written_rows,
            written_bytes=output.written_bytes,
        )
