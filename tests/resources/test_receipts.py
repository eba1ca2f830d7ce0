"""Receipt codes show a slip of who types them."""

from hypothesis import given
from hypothesis import strategies as st

from resources.stores.requests.receipts import check_letter, looks_right, new_code, plain_code

SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
drawn = st.text(SIGNS, min_size=24, max_size=24).map(lambda one: one + check_letter(one))


def test_a_code_is_right_however_it_is_typed() -> None:
    codes = [new_code() for _ in range(50)]
    assert len(set(codes)) == len(codes)
    for code in codes:
        assert [len(part) for part in code.split("-")] == [4] * 6 + [1]
        typed = code.lower().replace("-", " ").replace("o", "0").replace("i", "1")
        assert looks_right(code)
        assert looks_right(typed)
        assert plain_code(typed) == plain_code(code)


@given(drawn, st.integers(0, 24), st.sampled_from(SIGNS))
def test_one_wrong_letter_is_always_seen(code: str, place: int, sign: str) -> None:
    changed = code[:place] + sign + code[place + 1 :]
    assert looks_right(changed) == (changed == code)


@given(drawn, st.integers(0, 23))
def test_two_that_changed_places_are_seen(code: str, place: int) -> None:
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    blind = {code[place], code[place + 1]} == {"A", "7"}
    assert looks_right(swapped) == (swapped == code or blind)


@given(drawn, st.integers(0, 24), st.sampled_from([*SIGNS, ""]))
def test_one_too_many_or_too_few_is_seen(code: str, place: int, sign: str) -> None:
    assert not looks_right(code[:place] + sign + sign + code[place + 1 :])


def test_what_is_no_code_is_seen() -> None:
    for typed in ("", "-", "AAAA-AAAA", "A" * 24, "A" * 26, "don't have it", "\0" * 25, "é" * 25):
        assert not looks_right(typed)
    # The letters that a computation by hand gives (values 1, 2, 3 of B, C, D).
    assert check_letter("BCD") == SIGNS[-(2 * 3 + 2 + 2 * 1) % 32]
    assert check_letter("7") == SIGNS[-(62 // 32 + 62 % 32) % 32]
