"""Databases that tests use one after another: emptied and renamed, not dropped and made again.

Copying a database and filling its first connection's caches takes PostgreSQL a quarter of a
processor second, emptying it a tenth of that; most tests of a home do little else.
"""

import secrets
from contextlib import AbstractContextManager, suppress

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

_OURS = "(SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')"
_SHAPE = f"""
SELECT md5(concat(
  (SELECT string_agg(concat(relname, relnamespace, relkind, relowner, relacl, reloptions,
     relrowsecurity, relforcerowsecurity), '|' ORDER BY oid)
     FROM pg_class WHERE relnamespace IN {_OURS}),
  (SELECT string_agg(concat(attrelid, attname, atttypid, atttypmod, attnotnull, attacl,
     attisdropped), '|' ORDER BY attrelid, attnum)
     FROM pg_attribute WHERE attrelid >= 16384),
  (SELECT string_agg(concat(adrelid, adnum, pg_get_expr(adbin, adrelid)), '|' ORDER BY oid)
     FROM pg_attrdef),
  (SELECT string_agg(pg_get_constraintdef(oid), '|' ORDER BY oid)
     FROM pg_constraint WHERE connamespace IN {_OURS}),
  (SELECT string_agg(concat(tgrelid, tgname, tgfoid, tgenabled, tgqual), '|' ORDER BY oid)
     FROM pg_trigger),
  (SELECT string_agg(concat(ev_class, rulename), '|' ORDER BY oid) FROM pg_rewrite),
  (SELECT string_agg(concat(proname, proacl, md5(prosrc)), '|' ORDER BY oid)
     FROM pg_proc WHERE pronamespace IN {_OURS}),
  (SELECT string_agg(concat(polname, polrelid), '|' ORDER BY oid) FROM pg_policy),
  (SELECT string_agg(concat(nspname, nspowner, nspacl), '|' ORDER BY oid) FROM pg_namespace),
  (SELECT string_agg(concat(defaclrole, defaclobjtype, defaclacl), '|' ORDER BY oid)
     FROM pg_default_acl),
  (SELECT concat(datacl, datdba, datallowconn, datconnlimit) FROM pg_database
     WHERE datname = current_database()),
  (SELECT string_agg(setconfig::text, '|') FROM pg_db_role_setting JOIN pg_database d
     ON d.oid = setdatabase WHERE datname = current_database()),
  (SELECT count(*) FROM pg_largeobject_metadata)))
"""
"""Changes whenever a test has changed more than rows."""

_WRITTEN = f"""
SELECT oid::regclass::text FROM pg_class
WHERE relkind = 'r' AND relnamespace IN {_OURS} AND pg_relation_size(oid) > 0
"""
"""Tables that have ever had a row, since they were made or truncated."""

_COUNTED = """
SELECT format('%I.%I', schemaname, sequencename), coalesce(last_value, start_value),
  last_value IS NOT NULL FROM pg_sequences
"""
"""Where each sequence stands: setval's arguments."""


class DatabasePool:
    """Databases like a template: all tables, no home.

    A database that was given back has another name when it is taken again, so that what a test left
    running finds it as little as one that was dropped.

    Args:
        server: of a superuser.
        template: name of the database that all are like; nobody may be connected to it.
    """

    def __init__(self, server: URL, template: str) -> None:
        self._server = server
        self._template = template
        self._free: list[str] = []
        self._on_server = sa.create_engine(server, isolation_level="AUTOCOMMIT")
        with self._connected(template) as connection:
            self._shape = connection.execute(sa.text(_SHAPE)).scalar_one()
            self._rows = {
                table: connection.execute(sa.text(_content(table))).scalar_one()
                for table in connection.execute(sa.text(_WRITTEN)).scalars()
            }
            self._counted = _counted(connection)

    def take(self) -> URL:
        """A database of a name that none had before."""
        name = f"t_{secrets.token_hex(6)}"
        if self._free:
            self._say(f"ALTER DATABASE {self._free.pop()} RENAME TO {name}")
        else:
            # Copying files costs two thirds of logging every page of them.
            self._say(f"CREATE DATABASE {name} TEMPLATE {self._template} STRATEGY FILE_COPY")
            # Rights on the database itself are not copied; `init` takes this one from everybody.
            self._say(f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC")
        return self._server.set(database=name)

    def give_back(self, url: URL) -> None:
        """Take it from whoever is connected, and empty it; drop it if its shape is another."""
        name = str(url.database)
        with suppress(SQLAlchemyError):
            self._say(
                f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                f" WHERE datname = '{name}'"
            )
            if self._is_as_new(name):
                kept = f"free_{name}"
                self._say(f"ALTER DATABASE {name} RENAME TO {kept}")
                self._free.append(kept)
                return
        self._say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def close(self) -> None:
        """Drop what is left."""
        for name in self._free:
            self._say(f"DROP DATABASE {name} WITH (FORCE)")
        self._on_server.dispose()

    def _is_as_new(self, name: str) -> bool:
        with self._connected(name) as connection:
            if connection.execute(sa.text(_SHAPE)).scalar_one() != self._shape:
                return False
            written = set(connection.execute(sa.text(_WRITTEN)).scalars())
            kept = {
                table
                for table, rows in self._rows.items()
                if table in written
                and connection.execute(sa.text(_content(table))).scalar_one() == rows
            }
            # Neither triggers that keep tables append-only nor foreign keys.
            connection.execute(sa.text("SET session_replication_role = replica"))
            if written - kept:
                tables = ", ".join(sorted(written - kept))
                connection.execute(sa.text(f"TRUNCATE {tables} CASCADE"))
            for table in self._rows.keys() - kept:
                connection.execute(
                    sa.text(
                        f"INSERT INTO {table} SELECT * FROM"
                        f" json_populate_recordset(NULL::{table}, CAST(:rows AS json))"
                    ),
                    {"rows": self._rows[table]},
                )
            for sequence, stands in _counted(connection).items():
                if self._counted[sequence] != stands:
                    before = sa.func.setval(sequence, *self._counted[sequence])
                    connection.execute(sa.select(before))
            return True

    def _connected(self, name: str) -> AbstractContextManager[sa.Connection]:
        engine = sa.create_engine(self._server.set(database=name), poolclass=sa.NullPool)
        return engine.begin()

    def _say(self, statement: str) -> None:
        with self._on_server.connect() as connection:
            connection.execute(sa.text(statement))


def _counted(connection: sa.Connection) -> dict[str, tuple[int, bool]]:
    return {row[0]: (row[1], row[2]) for row in connection.execute(sa.text(_COUNTED))}


def _content(table: str) -> str:
    return f"SELECT json_agg(t ORDER BY t)::text FROM {table} AS t"
