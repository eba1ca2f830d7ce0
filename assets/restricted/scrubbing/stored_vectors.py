"""What the files of vectors may hold: people by number, unit vectors, and nothing else.

Whether the rows were shuffled can't be told from a file, for nothing in it says when a row was
written; that is tested where it is done (`assets.restricted.scrubbing.group_day`).
"""

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from assets.core.errors import StorageError
from assets.core.expectations import judge
from assets.restricted.scrubbing.group_day_size import MIN_MESSAGES, MIN_PEOPLE
from resources.stores.vectors.group_day_vectors import to_parquet, vectors_in

LONGEST_ERROR = 1e-3
"""How far a vector's length may be from one, in single precision."""

_WRITTEN_BY = re.compile(r"parquet-cpp-arrow version [0-9]{1,3}(?:\.[0-9]{1,3}){2}")
_METADATA = frozenset({b"ARROW:schema"})


@dataclass(frozen=True)
class VectorFaults:
    """How often a file of one group-day is not as agreed; all 0 where it is.

    Attributes:
        not_parquet: 1 where it can't be opened as Parquet; the rest is 0 then.
        other_columns: columns that are not agreed, of another type, missing, or with gaps.
        other_metadata: labels in the file's or a column's metadata that are not Parquet's own.
        other_bytes: 1 where the same table, written again, gives other bytes.
        not_finite: vectors with a number that is not finite.
        not_unit: vectors whose length is not one.
        people_not_numbered: 1 where people are not numbered from 0 without a gap.
        too_few: 1 where it holds anything of fewer people or messages than are scored.
    """

    not_parquet: int = 0
    other_columns: int = 0
    other_metadata: int = 0
    other_bytes: int = 0
    not_finite: int = 0
    not_unit: int = 0
    people_not_numbered: int = 0
    too_few: int = 0

    @property
    def found(self) -> bool:
        """Whether anything is not as agreed."""
        return any(asdict(self).values())


def faults_of(content: bytes) -> VectorFaults:
    """Look at the decrypted bytes of a file; never raises for what they hold."""
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        schema, table = file.schema_arrow, file.read()
    except (pa.ArrowException, OSError):
        return VectorFaults(not_parquet=1)
    shape = VectorFaults(
        other_columns=_other_columns(schema) + sum(bool(one.null_count) for one in table.columns),
        other_metadata=_other_metadata(file.metadata, schema),
    )
    if shape.found:
        return shape
    vectors = vectors_in(content)
    finite = np.isfinite(vectors.embeddings).all(axis=1)
    lengths = np.linalg.norm(vectors.embeddings[finite].astype(np.float64), axis=1)
    people, messages = np.unique(vectors.people), len(vectors.people)
    return VectorFaults(
        other_bytes=int(
            file.metadata.created_by == _own_writer() and to_parquet(vectors) != content
        ),
        not_finite=int((~finite).sum()),
        not_unit=int((np.abs(lengths - 1) > LONGEST_ERROR).sum()),
        people_not_numbered=int(not np.array_equal(people, np.arange(len(people)))),
        too_few=int(messages > 0 and (len(people) < MIN_PEOPLE or messages < MIN_MESSAGES)),
    )


def refuse_unless_only_vectors(content: bytes) -> None:
    """Let only what is as agreed be read on.

    Raises:
        StorageError: `VECTORS_NOT_AS_AGREED`.
    """
    if faults_of(content).found:
        raise StorageError("VECTORS_NOT_AS_AGREED")


def vector_suite() -> Callable[[Sequence[object]], list[frozenset[str]]]:
    """From the `VectorFaults` of some files to the names of the faults that each has."""
    return judge(dict.fromkeys(VectorFaults.__dataclass_fields__, (0, 0)))


def _other_columns(schema: pa.Schema) -> int:
    found = {field.name: field.type for field in schema}
    agreed = {"person": _is_number, "embedding": _is_vector}
    wrong = sum(name not in found or not agrees(found[name]) for name, agrees in agreed.items())
    return wrong + len(set(found) - set(agreed)) + len(schema) - len(found)


def _is_number(kind: pa.DataType) -> bool:
    return kind == pa.int32()


def _is_vector(kind: pa.DataType) -> bool:
    return (
        isinstance(kind, pa.FixedSizeListType)
        and kind.value_type == pa.float32()
        and kind.value_field.metadata is None
    )


def _other_metadata(metadata: pq.FileMetaData, schema: pa.Schema) -> int:
    of_columns = [label for field in schema for label in field.metadata or {}]
    of_file = set(metadata.metadata or {}) - _METADATA
    unknown_writer = not _WRITTEN_BY.fullmatch(metadata.created_by or "")
    return len(of_file) + len(schema.metadata or {}) + len(of_columns) + unknown_writer


@cache
def _own_writer() -> str:
    """What this pyarrow calls itself; another's bytes may differ with the same content."""
    out = io.BytesIO()
    pq.write_table(pa.table({"person": pa.array([], pa.int32())}), out)
    return pq.ParquetFile(out).metadata.created_by
