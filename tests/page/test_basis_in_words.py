"""The page says which basis stands, from the configuration alone."""

import pytest

from assets.public.page.basis_in_words import basis_in_words, who_chose
from assets.public.page.page import render_page


@pytest.mark.parametrize(
    ("bases", "says"),
    [
        (("notice_with_objection",), "unless they object; an ethics committee decided"),
        (("opt_in",), "Members are read only if they have opted in"),
        (("opt_in", "notice_with_objection"), "Groups have one of two bases."),
        ((), "has not stated on what basis"),
    ],
)
def test_each_basis_is_stated_without_a_count(bases: tuple[str, ...], says: str) -> None:
    told = basis_in_words(bases)
    assert says in told
    assert not any(sign.isdigit() for sign in told)


@pytest.mark.parametrize(
    ("bases", "says"),
    [
        (("notice_with_objection",), "its members didn’t choose it, but were told beforehand and"),
        (("opt_in",), "of its members only those who opted in"),
        (("opt_in", "notice_with_objection"), "in others only those count who opted in"),
        ((), "if its admin signed it up."),
    ],
)
def test_who_chose_is_said_of_each_basis(made, bases: tuple[str, ...], says: str) -> None:
    told = who_chose(bases)
    assert told.startswith("A group is counted if its admin signed it up")
    assert says in told
    page = render_page(*made.tables(), made.page_facts(member_bases=bases))
    assert page.count(told) == 2


def test_the_page_says_so(made) -> None:
    page = render_page(*made.tables(), made.page_facts(member_bases=("opt_in",)))
    assert basis_in_words(("opt_in",)) in page
