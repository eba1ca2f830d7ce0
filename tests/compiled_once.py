"""Statements that SQLAlchemy compiles once a process of the tests, and not once for each engine.

Each test's home has a database and so engines of its own, whose caches begin empty: a fifth of the
processor time of a test that collects went into compiling the same 200 statements again.
"""

from collections.abc import Iterator, MutableMapping
from functools import cached_property
from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache

_MOST = 4000
_DECIDES = (
    "server_version_info",
    "default_schema_name",
    "paramstyle",
    "label_length",
    "max_identifier_length",
    "compiler_linting",
    "_backslash_escapes",
    "_json_serializer",
    "_json_deserializer",
    "_native_inet_types",
    "use_insertmanyvalues",
    "insertmanyvalues_page_size",
    "executemany_mode",
)
"""What a dialect compiles by, all of which is known once its engine has connected."""

_COMPILED: LRUCache[Any, Any] = LRUCache(_MOST)


class StatementsOfAlikeEngines(MutableMapping[tuple[Any, ...], Any]):
    """An engine's cache, which it shares with all engines whose dialects compile alike.

    SQLAlchemy's keys begin with the dialect, of which each engine has one of its own; those of what
    is shared begin with what the dialect is like.

    Args:
        engine: whose statements are looked up.
    """

    def __init__(self, engine: Engine) -> None:
        self._dialect: Any = engine.dialect

    @cached_property
    def _alike(self) -> tuple[Any, ...]:
        """Asked for when a statement is compiled, for which its engine has connected."""
        return type(self._dialect), *(getattr(self._dialect, name, None) for name in _DECIDES)

    def _shared(self, key: tuple[Any, ...]) -> tuple[Any, ...]:
        assert key[0] is self._dialect
        return self._alike, *key[1:]

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return _COMPILED.get(self._shared(key), default)

    def __getitem__(self, key: tuple[Any, ...]) -> Any:
        return _COMPILED[self._shared(key)]

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        _COMPILED[self._shared(key)] = compiled

    def __delitem__(self, key: tuple[Any, ...]) -> None:
        del _COMPILED[self._shared(key)]

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(())

    def __len__(self) -> int:
        return 0


class _CompiledCache:
    """`Engine._compiled_cache`, which each engine sets itself when it is made."""

    def __get__(self, engine: Engine | None, _: type | None = None) -> Any:
        return self if engine is None else vars(engine)["_compiled_cache"]

    def __set__(self, engine: Engine, own: Any) -> None:
        shares = engine.dialect.name == "postgresql" and isinstance(own, LRUCache)
        vars(engine)["_compiled_cache"] = StatementsOfAlikeEngines(engine) if shares else own


setattr(Engine, "_compiled_cache", _CompiledCache())  # noqa: B010
