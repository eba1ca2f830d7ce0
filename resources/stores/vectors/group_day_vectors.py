"""The vectors of a group-day as numbers, and the Parquet that is sealed of them."""

import io
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


@dataclass(frozen=True)
class GroupDayVectors:
    """The messages of one group-day as numbers.

    Attributes:
        embeddings: float32, shape (messages, 384), unit rows, shuffled.
        people: int32, shape (messages,): whose message it is, numbered afresh for this group-day.
    """

    embeddings: np.ndarray = field(repr=False)
    people: np.ndarray = field(repr=False)

    def parquet(self) -> bytes:
        """The file's content before it is sealed; see `to_parquet`."""
        return to_parquet(self)


def to_parquet(content: GroupDayVectors) -> bytes:
    """The file's content before it is sealed: columns `person` and `embedding`."""
    rows, width = content.embeddings.shape
    values = pa.array(np.ascontiguousarray(content.embeddings, dtype=np.float32).reshape(-1))
    table = pa.table(
        {
            "person": pa.array(content.people.astype(np.int32)),
            "embedding": pa.FixedSizeListArray.from_arrays(values, width)
            if rows
            else pa.array([], pa.list_(pa.float32(), width)),
        }
    )
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def vectors_in(content: bytes) -> GroupDayVectors:
    """Read what `to_parquet` wrote."""
    table = pq.read_table(io.BytesIO(content))
    embedding = table.column("embedding").combine_chunks()
    width = embedding.type.list_size
    return GroupDayVectors(
        embeddings=embedding.flatten().to_numpy().reshape(-1, width),
        people=table.column("person").to_numpy(),
    )
