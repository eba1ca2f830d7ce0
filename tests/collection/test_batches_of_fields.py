"""What readers of fields find of many entries at once is what they find of each by itself."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assets.core.errors import ExportError
from assets.restricted.collection.slack.reading import moments_of, second_of_moment
from assets.restricted.collection.structured.counting import Counts
from assets.restricted.collection.structured.entries import Entry, Findings, key_of, keys_of
from assets.restricted.collection.structured.moments import EARLIEST, LATEST, Clock

GREATEST = str(2**63 - 1)
IDS = st.one_of(
    st.integers(0, 10**20).map(str),
    st.integers(10**17, 2**64).map(str),
    st.integers(0, 999).map("{:03d}".format),
    st.from_regex(r"[0-9]{9,11}\.[0-9]{5,7}", fullmatch=True),
    st.sampled_from(
        ["", "0", "007", GREATEST, str(2**63), "１２", "²", "12\n34", " 7", "+7", "1_0", "-5", "é"]
    ),
)
MOMENTS = st.one_of(
    st.integers(10**15, 10**16 - 1).map(lambda one: f"{one // 10**6}.{one % 10**6:06d}"),
    st.sampled_from(
        [
            "0760512345.000200", "1760512345", "1760512345.00020", "17605123.4500.200",
            "176051234.5000200", "1760512345.00020٣", "1760512345.0002-0", "1760512345,000200",
            "1760512345.000200\n", "99999999999.000001", "", ".", "-760512345.000200",
        ]
    ),
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(IDS, max_size=6))
@example(["1234", "0234"])
@example([GREATEST, str(2**63)])
@example(["1", "23\n4"])
@example([])
def test_keys(ids: list[str]) -> None:
    assert keys_of(ids) == [key_of(one) for one in ids]


def test_ids_of_today_are_their_own_keys() -> None:
    ids = ["1445678901234567890", "1445678901234567891"]
    assert keys_of(ids) == [int(one) for one in ids]


@settings(deadline=None)
@given(st.lists(MOMENTS, max_size=5))
@example(["1760512345.000200", "0760512345.000200"])
@example(["1760512345.000200", "17605123.4500.200"])
def test_moments(written: list[str]) -> None:
    try:
        seconds = [second_of_moment(one) for one in written]
    except ExportError:
        with pytest.raises(ExportError, match="EXPORT_STRUCTURE_UNKNOWN"):
            moments_of(written)
    else:
        assert moments_of(written) == (seconds, [key_of(one) for one in written])


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Asia/Kathmandu"])
@settings(deadline=None)
@given(
    st.lists(
        st.integers(EARLIEST, LATEST)
        # The hour that comes twice in London.
        | st.integers(1_793_491_200, 1_793_505_600)
        | st.integers(1_774_742_400, 1_774_753_200),
        max_size=8,
    )
)
def test_local_times(zone: str, seconds: list[int]) -> None:
    own = ZoneInfo(zone)
    shown = Clock(own).all_at(seconds)
    start = datetime(1970, 1, 1, tzinfo=UTC)
    wanted = [(start + timedelta(seconds=one)).astimezone(own) for one in seconds]
    assert [(one, one.fold) for one in shown] == [(one, one.fold) for one in wanted]


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 12) | st.none(), max_size=4), max_size=5))
@example([[1, 2], [3], [3]])
@example([[3, 2], [1], [2]])
@example([[1], [2], [1]])
def test_keys_in_order_are_each_once(batches: list[list[int | None]]) -> None:
    counts = Counts()
    for keys in batches:
        counts.add([Entry(1, "system", key=one) for one in keys], Findings(), by_parts=False)
    met = [one for keys in batches for one in keys if one is not None]
    in_order = met in (sorted(set(met)), sorted(set(met), reverse=True))
    assert counts.is_each_key_once == in_order
