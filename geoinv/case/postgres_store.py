"""The store of a team: PostgreSQL with PostGIS, one schema a case.

The tables are those of the embedded store. What PostGIS adds are views (``pins``, ``areas``, ``landmarks``,
``incident_places``) that show what was said where as layers in QGIS, straight from the records: what is erased there is
gone here. Needs the ``postgres`` extra (psycopg).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
from psycopg import sql

from geoinv.case.migrations import check_version
from geoinv.case.store import STORE_VERSION, Store
from geoinv.errors import CaseError, CaseLockedError, ReadOnlyError

__all__ = ["PostgresStore"]

_TABLES = """
CREATE TABLE meta (key text COLLATE "C" PRIMARY KEY, value text NOT NULL);
CREATE TABLE entries (number bigint PRIMARY KEY, id text NOT NULL, at text NOT NULL, by text NOT NULL,
  kind text COLLATE "C" NOT NULL, subject text NOT NULL, commitment text NOT NULL, previous text NOT NULL,
  hash text NOT NULL);
CREATE INDEX entries_of ON entries (kind, number);
CREATE TABLE contents (number bigint PRIMARY KEY REFERENCES entries, salt bytea NOT NULL, content bytea NOT NULL);
CREATE TABLE files (path text COLLATE "C" PRIMARY KEY, sha256 text NOT NULL, size bigint NOT NULL,
  mtime_ns bigint NOT NULL, kind text NOT NULL, facility text, entry bigint NOT NULL REFERENCES entries);
CREATE TABLE records (entry bigint PRIMARY KEY REFERENCES entries, id text UNIQUE NOT NULL,
  kind text COLLATE "C" NOT NULL, facility text COLLATE "C", source text COLLATE "C" NOT NULL, item text NOT NULL,
  current integer NOT NULL DEFAULT 1);
CREATE INDEX records_of ON records (kind, facility, current);
CREATE INDEX records_from ON records (source, current);
CREATE FUNCTION spot(point json) RETURNS geometry(Point, 4326) LANGUAGE sql IMMUTABLE STRICT
  AS 'SELECT ST_SetSRID(ST_MakePoint((point->>0)::float8, (point->>1)::float8), 4326)';
CREATE VIEW told AS SELECT r.id, r.kind, r.facility, r.source, r.item, convert_from(c.content, 'UTF8')::json AS data
  FROM records r JOIN contents c ON c.number = r.entry
  WHERE r.current = 1 AND r.kind IN ('statement', 'landmark', 'incident');
CREATE VIEW pins AS SELECT id, facility, source, data->>'witness' AS witness, data->>'of' AS of,
  (data->>'radius_m')::float8 AS radius_m, spot(data->'point')::geometry(Point, 4326) AS geom
  FROM told WHERE kind = 'statement' AND json_typeof(data->'point') = 'array';
CREATE VIEW areas AS SELECT id, facility, source, data->>'witness' AS witness,
  ST_SetSRID(ST_GeomFromGeoJSON(data->'polygon'), 4326)::geometry(Geometry, 4326) AS geom
  FROM told WHERE kind = 'statement' AND json_typeof(data->'polygon') = 'object';
CREATE VIEW landmarks AS SELECT id, facility, source, item AS name,
  ST_SetSRID(ST_GeomFromGeoJSON(data->'geometry'), 4326)::geometry(Geometry, 4326) AS geom
  FROM told WHERE kind = 'landmark' AND json_typeof(data->'geometry') = 'object';
CREATE VIEW incident_places AS SELECT id, facility, source, item AS name, data->>'date' AS date,
  spot(data->'point')::geometry(Point, 4326) AS geom
  FROM told WHERE kind = 'incident' AND json_typeof(data->'point') = 'array'
"""

_LOCAL = {"", "localhost", "127.0.0.1", "::1"}
#: Kinds of ``sslmode`` that keep a connection to another machine from being read on the way.
_SAFE = {"require", "verify-ca", "verify-full"}
_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,62}")
#: What counts as trouble with the machine rather than with the case (PostgreSQL manual, appendix A).
_DISK_FULL, _LOCK_TIMEOUT, _READ_ONLY, _NO_RIGHT = "53100", "55P03", "25006", "42501"


class PostgresStore(Store):
    """The tables of one case in one schema of a PostgreSQL database.

    Parameters
    ----------
    url
        ``postgresql://user@host/database``; the password lies in a ``.pgpass`` file or is not needed.
    schema
        Schema of the case; made if absent.
    timeout
        Seconds to wait for another writer, and for the server to answer.

    Raises
    ------
    CaseError
        If the URL would send testimony unencrypted or holds a password, the server cannot be reached, or the schema
        holds no case; its subclasses if it is locked, read-only or of a newer version.
    """

    def __init__(self, url: str, *, schema: str = "geoinv", timeout: float = 10.0) -> None:
        self.name, self._schema, self._timeout = f"database schema {schema}", schema, timeout
        if not _SCHEMA.fullmatch(schema):
            raise CaseError(
                f"“{schema}” is not a name of a schema",
                do="use small letters, digits and underscores",
                file="case.toml",
                field="store.schema",
            )
        secured = _checked(url)
        try:
            self._db = psycopg.connect(
                secured, autocommit=True, connect_timeout=max(2, round(timeout)), application_name="geoinv"
            )
        except psycopg.Error as error:
            raise self._explained(error) from error
        try:
            self._ready()
        except psycopg.Error as error:
            self._db.close()
            raise self._explained(error) from error
        except BaseException:
            self._db.close()
            raise

    def _ready(self) -> None:
        name = sql.Identifier(self._schema)
        self._db.execute(sql.SQL("SET search_path TO {}, public").format(name))
        version = self._version()
        if version is None:
            with self.writing():
                version = self._version()
                if version is None:
                    self._db.execute("CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public")
                    self._db.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(name))
                    for statement in _TABLES.split(";"):
                        self._db.execute(statement.encode())
                    self.set_meta("format", str(STORE_VERSION))
                    version = STORE_VERSION
        check_version(version, name=self.name)

    def _version(self) -> int | None:
        """The format of the case in the schema; ``None`` where there is none yet."""
        there = self._db.execute("SELECT to_regclass(%s)", (f"{self._schema}.meta",)).fetchone()
        if there is None or there[0] is None:
            return None
        found = self.meta("format")
        return int(found) if found and found.isdigit() else -1

    def _explained(self, error: psycopg.Error) -> CaseError:
        if error.sqlstate == _LOCK_TIMEOUT:
            return CaseLockedError(
                "another person is writing to this case", do="wait for them to end and try again", file=self.name
            )
        if error.sqlstate in (_READ_ONLY, _NO_RIGHT):
            return ReadOnlyError(
                "this case cannot be written", do="ask whoever runs the database for the right to", file=self.name
            )
        if error.sqlstate == _DISK_FULL:
            return ReadOnlyError("the database's disk is full", do="make room there and try again", file=self.name)
        text = " ".join(str(error).split()) or type(error).__name__
        if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
            return CaseError(
                f"the database does not answer ({text})",
                do="check the url of the store in case.toml and the network",
                file=self.name,
            )
        return CaseError(f"the database refused ({text})", do="ask whoever runs it", file=self.name)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """See ``Store.writing``; an advisory lock on the schema keeps other writers out until the transaction ends."""
        try:
            with self._db.transaction():
                self._db.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(round(self._timeout * 1000)))
                self._db.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7011))", (self._schema,))
                yield
        except psycopg.Error as error:
            raise self._explained(error) from error

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(query.replace("?", "%s").encode(), values).fetchall()
        except psycopg.Error as error:
            raise self._explained(error) from error

    def _run_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        with self._db.cursor() as cursor:
            cursor.executemany(statement.replace("?", "%s").encode(), rows)

    def _insert(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        names = sql.SQL(", ").join(sql.Identifier(name) for name in columns)
        with (
            self._db.cursor() as cursor,
            cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)) as copy,
        ):
            for row in rows:
                copy.write_row(row)

    def close(self) -> None:
        """End the connection."""
        self._db.close()

    def compact(self) -> None:
        """See ``Store.compact``: VACUUM FULL writes every table anew.

        The server's write-ahead log and its own backups still hold what was there until they are recycled; that is for
        whoever runs the server.
        """
        try:
            for table in ("contents", "records", "files", "meta"):
                self._db.execute(sql.SQL("VACUUM (FULL) {}").format(sql.Identifier(self._schema, table)))
        except psycopg.Error as error:
            raise self._explained(error) from error

    def damage(self) -> list[str]:
        """See ``Store.damage``: the server's B-trees against their tables (extension amcheck), where it lets us."""
        query = (
            "SELECT bt_index_check(c.oid, true) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = %s AND c.relkind = 'i'"
        )
        try:
            with self._db.transaction():
                self._db.execute("CREATE EXTENSION IF NOT EXISTS amcheck WITH SCHEMA public")
                self._db.execute(query.encode(), (self._schema,))
        except psycopg.errors.IndexCorrupted as error:
            return [f"{self.name} is damaged ({error.diag.message_primary}): have whoever runs it rebuild that index."]
        except psycopg.Error:
            return []  # whoever runs the server did not let us: its pages are theirs to check
        return []

    def size(self) -> int:
        """Bytes of the case's tables and their indexes."""
        query = (
            "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relkind = 'r'"
        )
        return int(self._rows(query, (self._schema,))[0][0])


def _checked(url: str) -> str:
    """The URL, made to ask for an encrypted connection where it leaves this machine."""
    parts = urlsplit(url)
    if parts.password:
        raise CaseError(
            "the url of the store holds a password, which everyone who has the case could read",
            do="take it out and put it into a .pgpass file",
            file="case.toml",
            field="store.url",
        )
    options = parse_qs(parts.query)
    host = parts.hostname or options.get("host", [""])[0]
    if host in _LOCAL or host.startswith("/"):
        return url
    mode = options.get("sslmode", [None])[0]
    if mode is None:
        return f"{url}{'&' if parts.query else '?'}sslmode=verify-full"
    if mode not in _SAFE:
        raise CaseError(
            f"sslmode={mode} would let testimony be read on its way to {host}",
            do="leave sslmode out, or use verify-full",
            file="case.toml",
            field="store.url",
        )
    return url
