"""Into which shard a group falls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.core.errors import PartitionError
from assets.core.shards import (
    SHARD,
    SLOTS,
    WHOLE,
    Shard,
    every_shard,
    shard_of,
    shard_tags,
    slot_of,
)

REFERENCES = st.from_regex(r"\Ag-[0-9a-f]{8}\Z")
DIVISIONS = st.integers(1, SLOTS)


@given(REFERENCES, DIVISIONS)
def test_a_group_is_read_by_one_shard(group_ref: str, of: int) -> None:
    shards = every_shard(of)
    assert sum(one.holds(group_ref) for one in shards) == 1
    assert sorted(slot for one in shards for slot in one.slots) == [*range(SLOTS)]


@given(DIVISIONS)
def test_no_shard_is_empty_or_much_larger_than_another(of: int) -> None:
    sizes = [len(one.slots) for one in every_shard(of)]
    assert 1 <= min(sizes) <= max(sizes) <= min(sizes) + 1


def test_a_group_stays_where_it_is() -> None:
    # Where it moved between versions, two that run beside each other would both read it.
    assert [slot_of(f"g-{number:08x}") for number in range(5)] == [55, 14, 5, 35, 18]


@given(DIVISIONS, st.data())
def test_a_tag_says_which(of: int, data: st.DataObject) -> None:
    shard = Shard(data.draw(st.integers(1, of)), of)
    assert shard_of(shard_tags(shard)) == shard


def test_a_run_of_all_groups_has_no_tag() -> None:
    assert shard_tags(WHOLE) == {}
    assert shard_of({}) == WHOLE
    assert WHOLE.holds("g-7f3a91c2")


@pytest.mark.parametrize(
    "written",
    ["", "1", "0/2", "3/2", "1/0", "1/61", "01/2", "1/2/3", "-1/2", "1 / 2", "g-7f3a91c2"],
)
def test_another_tag_is_refused(written: str) -> None:
    with pytest.raises(PartitionError, match=r"^SHARD_INVALID$"):
        shard_of({SHARD: written})
