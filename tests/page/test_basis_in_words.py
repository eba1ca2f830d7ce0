"""The page says which basis stands, from the configuration alone."""

import pytest

from assets.core.modes import Mode
from assets.public.page.basis_in_words import basis_in_words, who_chose
from assets.public.page.page import render_page
from assets.public.page.plain_pages import plain_page


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


@pytest.mark.parametrize(
    "bases", [("notice_with_objection",), ("opt_in",), ("notice_with_objection", "opt_in"), ()]
)
def test_a_made_up_page_tells_of_no_committee_and_of_no_member(made, bases) -> None:
    study, made_up = (
        made.page_facts(mode=mode, member_bases=bases) for mode in (Mode.STUDY, Mode.SYNTHETIC)
    )
    told = basis_in_words(bases, made_up=True)
    for render in (
        lambda facts: render_page(*made.tables(), facts),
        lambda facts: plain_page("members.html", facts),
    ):
        page = render(made_up)
        assert told in page
        assert "committee" not in page
        assert basis_in_words(bases) in render(study)
        assert told not in render(study)
