"""The phrase banks and the messages built from them."""

import re
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.chat import plain_messages
from simulation.chat.additions import ASIDES, FRANK_OPENERS, OPENERS
from simulation.chat.identifiers import SLOTS, nhs_number, phone
from simulation.chat.streams import stream
from simulation.chat.wording import KINDS, expressions

_ALTERNATIVES = re.compile(r"\[([^\]]*)\]")


def _variants(line):
    pieces = _ALTERNATIVES.split(line)
    choices = [piece.split("|") if place % 2 else [piece] for place, piece in enumerate(pieces)]
    return ["".join(chosen) for chosen in product(*choices)]


@pytest.mark.parametrize(
    ("construct", "fewest"),
    [("burnout", 150), ("resilience", 150), ("resistance", 150), ("none", 250)],
)
def test_banks_are_large_and_half_short(construct, fewest):
    bank = expressions(construct)
    assert len(set(bank)) == len(bank) >= fewest
    lengths = [len(_variants(line)[0].split()) for line in bank]
    assert sum(length < 10 for length in lengths) >= len(bank) / 2


def test_no_expression_is_in_two_banks():
    lines = [line.casefold() for kind in KINDS for line in expressions(kind)]
    assert len(set(lines)) == len(lines)


@pytest.mark.parametrize("construct", KINDS[:3])
def test_expressions_are_built_differently(construct):
    starts = {" ".join(_variants(line)[0].lower().split()[:2]) for line in expressions(construct)}
    assert len(starts) > 0.75 * len(expressions(construct))


@pytest.mark.parametrize(
    "lines", [*(expressions(kind) for kind in KINDS), OPENERS, FRANK_OPENERS, ASIDES]
)
def test_every_slot_is_known_and_every_bracket_closed(lines):
    for line in lines:
        assert set(re.findall(r"\{(\w+)\}", line)) <= {*SLOTS, "mention"}
        bare = _ALTERNATIVES.sub("", re.sub(r"\{\w+\}", "", line))
        assert not set(bare) & set("{}[]|")


def test_messages_have_no_unfilled_slot_or_alternative():
    assert not [1 for text, _ in plain_messages(5, 4000) if set(text) & set("{}[]|")]


@pytest.mark.parametrize("construct", KINDS)
def test_one_construct_on_request(construct):
    assert {kind for _, kind in plain_messages(1, 50, construct)} == {construct}


def test_plain_messages_take_turns_and_are_the_same_for_a_seed():
    messages = plain_messages(3, 400)
    assert [kind for _, kind in messages[:4]] == list(KINDS)
    assert messages == plain_messages(3, 400)
    assert messages != plain_messages(4, 400)


def test_unknown_construct_is_refused():
    with pytest.raises(KeyError):
        plain_messages(1, 1, "anger")


@pytest.mark.parametrize(
    "shape",
    [
        r"07700 ?900 ?\d{3}",
        r"\+44 ?7700 ?900\d{3}",
        r"020\)? 7946 0\d{3}",
        r"\b[\w.]+@[\w.]*example\.org",
        r"example\.org/\w",
        r"(?i)\b(?:E|SE|RM|IG|NR|IP|CO|CM|SS)\d{1,2} ?\d[A-Z]{2}\b",
        r"999[ -]?\d{3}[ -]?\d{4}",
        r"(?i)QQ ?\d\d ?\d\d ?\d\d ?[A-D]",
        r"(?i)\b[A-Z]{2}\d\d ?[A-Z]{3}\b",
        r"00-\d\d-\d\d",
        r"(?i)\broom \d",
        r"(?i)\bmrs?\.? \w",
        r"\d(?:am|pm)\b",
        r"\d/\d",
        r"@[A-Z]\w+ [A-Z]",
        r"@(?:carer|jo_cares|nightowl|essexnurse|marshmum|outreach)",
    ],
)
def test_identifiers_of_every_shape_turn_up(shape):
    assert any(re.search(shape, text) for text, _ in plain_messages(11, 12_000))


def test_contact_details_are_all_fictional():
    for text, _ in plain_messages(12, 8000):
        for site in re.findall(r"@(\w[\w.]*\.(?:org|com|uk))|https?://([\w.]+)", text):
            assert "".join(site).endswith("example.org")
        for number in re.findall(r"\+44\d{10}|07\d{9}", text.replace(" ", "")):
            assert number[-9:].startswith("700900") or number[-10:].startswith("7700900")


@given(st.integers(0, 10**6))
@settings(max_examples=100)
def test_nhs_numbers_check_and_are_of_the_test_range(seed):
    digits = [int(sign) for sign in nhs_number(stream(seed)) if sign.isdigit()]
    assert len(digits) == 10
    assert digits[:3] == [9, 9, 9]
    assert (
        sum(digit * weight for digit, weight in zip(digits, range(10, 0, -1), strict=True)) % 11
        == 0
    )


@given(st.integers(0, 10**6))
@settings(max_examples=100)
def test_phone_numbers_are_kept_for_fiction(seed):
    digits = re.sub(r"\D", "", phone(stream(seed)))
    assert re.fullmatch(r"(44|0)7700900\d{3}|02079460\d{3}", digits)


def test_streams_differ_by_key():
    draws = [stream(1, name).random() for name in ("a", "b", "c")] + [stream(2, "a").random()]
    assert all(left != right for left, right in pairwise(sorted(draws)))
