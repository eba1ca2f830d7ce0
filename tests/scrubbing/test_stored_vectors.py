import io
import math
from dataclasses import asdict

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assets.core.errors import StorageError
from assets.restricted.scrubbing.group_day import NOTHING_WRITTEN
from assets.restricted.scrubbing.stored_vectors import (
    VectorFaults,
    faults_of,
    refuse_unless_only_vectors,
    vector_suite,
)
from resources.stores.vectors.group_day_vectors import GroupDayVectors, to_parquet

PLANTED = "xyzzyplover"
WIDTH = 8


def made(rows: int = 12, people: int = 4) -> GroupDayVectors:
    drawn = np.random.default_rng(5).normal(size=(rows, WIDTH)).astype(np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return GroupDayVectors(drawn, np.arange(rows, dtype=np.int32) % people)


def table_of(vectors: GroupDayVectors) -> pa.Table:
    return pq.read_table(io.BytesIO(to_parquet(vectors)))


def written(table: pa.Table, **options: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def changed(vector: int, value: float) -> bytes:
    vectors = made()
    vectors.embeddings[vector] *= value
    return to_parquet(vectors)


def numbered(*people: int) -> bytes:
    return to_parquet(GroupDayVectors(made().embeddings, np.array(people, dtype=np.int32)))


def with_column(name: str, values: list[object]) -> bytes:
    return written(table_of(made()).append_column(name, pa.array(values)))


def with_metadata() -> bytes:
    return written(table_of(made()).replace_schema_metadata({"note": PLANTED}))


def with_column_metadata() -> bytes:
    table = table_of(made())
    field = table.schema.field("person").with_metadata({"note": PLANTED})
    return written(table.set_column(0, field, table.column("person")))


def person_as(kind: pa.DataType) -> bytes:
    table = table_of(made())
    return written(table.set_column(0, "person", table.column("person").cast(kind)))


def embedding_as(kind: pa.DataType) -> bytes:
    table = table_of(made())
    return written(table.set_column(1, "embedding", table.column("embedding").cast(kind)))


def with_a_gap() -> bytes:
    table = table_of(made())
    people = pa.array([None, *table.column("person").to_pylist()[1:]], pa.int32())
    return written(table.set_column(0, "person", people))


def with_trailing_row_group() -> bytes:
    return written(table_of(made()), row_group_size=3)


@pytest.mark.parametrize(
    "vectors",
    [made(), made(5, 3), GroupDayVectors(NOTHING_WRITTEN.embeddings, NOTHING_WRITTEN.people)],
    ids=["many", "fewest", "none"],
)
def test_what_the_store_writes_is_as_agreed(vectors: GroupDayVectors) -> None:
    content = to_parquet(vectors)
    assert not faults_of(content).found
    refuse_unless_only_vectors(content)


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (PLANTED.encode(), {"not_parquet": 1}),
        (to_parquet(made())[:-9], {"not_parquet": 1}),
        (with_column("text", [PLANTED] * 12), {"other_columns": 1}),
        (with_column("sent_at", list(range(12))), {"other_columns": 1}),
        (written(table_of(made()).drop(["person"])), {"other_columns": 1}),
        (written(table_of(made()).rename_columns(["author", "embedding"])), {"other_columns": 2}),
        (person_as(pa.string()), {"other_columns": 1}),
        (person_as(pa.int64()), {"other_columns": 1}),
        (embedding_as(pa.list_(pa.float64(), WIDTH)), {"other_columns": 1}),
        (embedding_as(pa.list_(pa.float32())), {"other_columns": 1}),
        (with_a_gap(), {"other_columns": 1}),
        (with_metadata(), {"other_metadata": 2}),
        (with_column_metadata(), {"other_metadata": 1}),
        (with_trailing_row_group(), {"other_bytes": 1}),
        (changed(0, math.nan), {"not_finite": 1}),
        (changed(3, math.inf), {"not_finite": 1}),
        (changed(3, 1.01), {"not_unit": 1}),
        (changed(3, 0.0), {"not_unit": 1}),
        (numbered(*[1, 2, 3, 4] * 3), {"people_not_numbered": 1}),
        (numbered(*[0, 1, 3] * 4), {"people_not_numbered": 1}),
        (numbered(*[-1, 0, 1] * 4), {"people_not_numbered": 1}),
        (to_parquet(made(12, 2)), {"too_few": 1}),
        (to_parquet(made(4, 3)), {"too_few": 1}),
    ],
)  # fmt: skip
def test_anything_else_is_found_and_refused(content: bytes, faults: dict[str, int]) -> None:
    found = faults_of(content)
    assert {name: count for name, count in asdict(found).items() if count} == faults
    assert PLANTED not in repr(found)
    with pytest.raises(StorageError, match=r"^VECTORS_NOT_AS_AGREED$"):
        refuse_unless_only_vectors(content)


def test_great_expectations_finds_each_fault_of_each_file() -> None:
    rows = [
        VectorFaults(),
        VectorFaults(not_unit=3),
        *[VectorFaults()] * 5,
        VectorFaults(other_columns=1, other_metadata=1),
    ]
    assert vector_suite()(rows) == [
        frozenset(),
        {"not_unit"},
        *[frozenset()] * 5,
        {"other_columns", "other_metadata"},
    ]
    assert vector_suite()([]) == []
