"""What a commitment to the groups that counted tells, and to whom it opens."""

import secrets

from hypothesis import given
from hypothesis import strategies as st

from resources.stores.release.group_commitment import (
    SALT_BYTES,
    SLOTS,
    commitment,
    groups_committed_to,
    opens,
)

refs = st.integers(0, 2**32 - 1).map(lambda number: f"g-{number:08x}")
salts = st.binary(min_size=SALT_BYTES, max_size=SALT_BYTES)


@given(st.frozensets(refs, max_size=12), st.frozensets(refs, max_size=12), salts)
def test_it_opens_to_its_own_groups_and_to_no_others(groups, others, salt) -> None:
    made = commitment(salt, groups)
    assert len(made) == 64
    assert made == commitment(salt, sorted(groups, reverse=True))
    assert opens(made, salt, groups)
    assert opens(made, salt, others) is (groups == others)
    assert not opens(made, bytes(SALT_BYTES - 1) + b"x", groups) or salt[:-1] == bytes(31)


@given(st.frozensets(refs, min_size=5, max_size=12), st.integers(0, 3), salts)
def test_an_auditor_finds_which_of_the_scored_groups_counted(scored, left_out, salt) -> None:
    counted = frozenset(sorted(scored)[left_out:])
    assert groups_committed_to(commitment(salt, counted), salt, scored) == counted
    assert groups_committed_to(commitment(salt, ()), salt, scored) == frozenset()
    assert groups_committed_to(commitment(salt, [*scored, "g-another0"]), salt, scored) is None


def test_two_region_days_of_the_same_groups_have_nothing_in_common() -> None:
    groups = [f"g-{number:08x}" for number in range(7)]
    made = {commitment(secrets.token_bytes(SALT_BYTES), groups) for _ in range(50)}
    assert len(made) == 50


def test_more_groups_than_places_are_told_apart_too() -> None:
    many = [f"g-{number:08x}" for number in range(SLOTS + 1)]
    salt = bytes(SALT_BYTES)
    assert len({commitment(salt, many), commitment(salt, many[:-1]), commitment(salt, ())}) == 3
