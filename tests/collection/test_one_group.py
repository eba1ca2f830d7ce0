"""What stops one group alone, and what stops the step: never a word of the error."""

import psycopg2
import pytest
from sqlalchemy.exc import OperationalError

from assets.core.errors import ExportError, StepFailed, StorageError
from assets.restricted.collection.one_group import GROUP_BROKEN, of_one_group

TEXT = "margaret rang from 07700 900123"


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (KeyError(TEXT), StepFailed, GROUP_BROKEN),
        (ExportError("EXPORT_GONE"), ExportError, "EXPORT_GONE"),
        (psycopg2.OperationalError(TEXT), StorageError, "POSTGRES_NOT_REACHABLE"),
        (OperationalError(TEXT, {}, ValueError(TEXT)), StorageError, "POSTGRES_NOT_REACHABLE"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_stops_one_group_and_what_stops_all(
    error: Exception, kind: type[Exception], code: str
) -> None:
    with pytest.raises(kind) as raised, of_one_group(GROUP_BROKEN):
        raise error
    assert type(raised.value) is kind
    assert raised.value.code == code  # type: ignore[attr-defined]
    assert TEXT not in f"{raised.value!r} {raised.value.__cause__!r}"
