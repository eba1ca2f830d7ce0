import pandas as pd
import pytest

from assets.core.errors import ScrubError
from assets.restricted.scrubbing.gate import (
    ANSWERABLE,
    GroupDayVerdict,
    broken_promises,
    check_group_days,
)

PLANTED = "xyzzyplover"


def rows(*messages: tuple[object, str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(messages), columns=["group_day", "text", "outcome"])


def codes(verdicts: dict[object, GroupDayVerdict]) -> dict[object, str | None]:
    return {key: one.code for key, one in verdicts.items()}


GOOD = [(("g1", "2026-01-05"), "so tired _ today . help ?", "kept")] * 6


@pytest.mark.parametrize(
    ("text", "roster", "code"),
    [
        ("so tired", [], None),
        ("", [], None),
        (f"so {PLANTED}", [], "SCRUB_TOKEN_NOT_ALLOWED"),
        ("so Tired", [], "SCRUB_TOKEN_NOT_ALLOWED"),
        ("so tired!", [], "SCRUB_TOKEN_NOT_ALLOWED"),
        ("so  tired", [], "SCRUB_TOKEN_NOT_ALLOWED"),
        ("so tired ", [], "SCRUB_TOKEN_NOT_ALLOWED"),
        ("so\ntired", [], "SCRUB_TOKEN_NOT_ALLOWED"),
        ("so tired 😂", [], "SCRUB_TOKEN_NOT_ALLOWED"),
        ("so 7", [], "SCRUB_DIGIT_FOUND"),
        ("so a7b", [], "SCRUB_DIGIT_FOUND"),
        ("so ٣", [], "SCRUB_DIGIT_FOUND"),
        ("so tired", ["Tired Jones"], "SCRUB_ROSTER_TOKEN"),
        # A function word of an author's name may stay.
        ("so tired", ["Team So"], None),
    ],
)
def test_one_planted_fault_fails_its_group_day_alone(text, roster, code, vocabulary):
    bad = ("g2", "2026-01-05")
    frame = rows(
        *GOOD, (bad, "we need help", "kept"), (bad, text, "kept" if text else "too_little")
    )
    verdicts = check_group_days(frame, vocabulary, {bad: roster})
    assert codes(verdicts) == {GOOD[0][0]: None, bad: code}
    assert code is None or code in ANSWERABLE


@pytest.mark.parametrize(
    ("failed", "fired", "messages", "code"),
    [
        (0, 0, 5, None),
        (1, 0, 5, None),
        (0, 1, 5, None),
        (1, 1, 5, "SCRUB_TOO_MANY_DROPPED"),
        (2, 0, 5, "SCRUB_TOO_MANY_DROPPED"),
        (0, 2, 5, "SCRUB_TOO_MANY_DROPPED"),
        (1, 0, 4, "SCRUB_TOO_MANY_DROPPED"),
    ],
)
def test_share_of_messages_that_failed_or_fired(failed, fired, messages, code, vocabulary):
    lost = ["failed"] * failed + ["fired"] * fired
    frame = rows(
        *[("g", "", one) for one in lost],
        *[("g", "so tired", "kept")] * (messages - len(lost)),
    )
    verdict = check_group_days(frame, vocabulary, {})["g"]
    assert verdict == GroupDayVerdict(0, 0, 0, messages, failed, fired, 0, code)


def test_too_little_left_is_no_failure(vocabulary):
    frame = rows(*[("g", "", "too_little")] * 9, ("g", "so tired", "kept"))
    assert check_group_days(frame, vocabulary, {}) == {"g": GroupDayVerdict(0, 0, 0, 10, 0, 0, 9)}


def test_offending_words_are_counted_once_each(vocabulary):
    frame = rows(("g", "so 7 7 8 xyzzy", "kept"), ("g", "so 7 tired", "kept"))
    verdict = check_group_days(frame, vocabulary, {"g": ["Tired Ada"]})["g"]
    assert (verdict.with_digit, verdict.on_roster, verdict.not_allowed) == (2, 1, 3)
    assert verdict.code == "SCRUB_DIGIT_FOUND"


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        (GroupDayVerdict(0, 0, 0, 5, 1, 0, 4), None),
        (GroupDayVerdict(1, 0, 0, 5, 0, 0, 0), "SCRUB_DIGIT_FOUND"),
        (GroupDayVerdict(0, 1, 0, 5, 0, 0, 0), "SCRUB_ROSTER_TOKEN"),
        (GroupDayVerdict(0, 0, 1, 5, 0, 0, 0), "SCRUB_TOKEN_NOT_ALLOWED"),
        (GroupDayVerdict(0, 0, 0, 5, 2, 0, 0), "SCRUB_TOO_MANY_DROPPED"),
        (GroupDayVerdict(0, 0, 0, 5, 0, 2, 0), "SCRUB_TOO_MANY_DROPPED"),
    ],
)
def test_the_suite_finds_each_fault_that_the_gate_finds(counts, code):
    good = GroupDayVerdict(0, 0, 0, 5, 0, 0, 0)
    assert broken_promises([good, counts, good]) == [None, code, None]


def test_every_failing_group_day_among_many_is_found(vocabulary):
    bad = {3: "SCRUB_DIGIT_FOUND", 4: "SCRUB_TOKEN_NOT_ALLOWED", 60: "SCRUB_TOKEN_NOT_ALLOWED"}
    frame = rows(
        *[
            (i, "so 7" if bad.get(i) == "SCRUB_DIGIT_FOUND" else f"so {PLANTED}", "kept")
            for i in bad
        ],
        *[(i, "so tired", "kept") for i in range(61) if i not in bad],
    )
    verdicts = check_group_days(frame, vocabulary, {})
    assert {key: code for key, code in codes(verdicts).items() if code} == bad
    assert len(verdicts) == 61


def test_a_planted_token_is_told_nowhere(vocabulary, capfd, caplog, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    caplog.set_level(0)
    frame = rows(("g", f"so {PLANTED} 7", "kept"))
    told = repr(check_group_days(frame, vocabulary, {"g": [PLANTED]}))
    with pytest.raises(ScrubError) as caught:
        check_group_days(frame.assign(text=[None]).assign(note=PLANTED), vocabulary, {})
    out, err = capfd.readouterr()
    assert PLANTED not in told + out + err + caplog.text + repr(caught.value)
    assert out + err == ""
    assert not list(tmp_path.rglob("*"))


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"group_day": ["g"], "text": ["so"]}),
        rows(("g", None, "kept")),
        rows((None, "so", "kept")),
        rows(("g", "so", PLANTED)),
        rows(("g", "so", "fired")),
    ],
)
def test_a_table_that_cannot_be_checked_is_refused(frame, vocabulary):
    with pytest.raises(ScrubError, match=r"^SCRUB_GATE_INPUT_INVALID$"):
        check_group_days(frame, vocabulary, {})


def test_nothing_to_check(vocabulary):
    assert check_group_days(rows(), vocabulary, {}) == {}


def test_what_the_scrubber_writes_passes(scrubber, vocabulary):
    authors = ["Will Young", "Ada Obi"]
    texts = ["Will is on 07700 900123", "so tired, ask Ada about the 7th", "😂", "LS1 4AB"] * 3
    result = scrubber.scrub_counted(texts, authors)
    lost = dict.fromkeys(result.too_little, "too_little") | dict.fromkeys(result.fired, "fired")
    frame = rows(*[("g", text, lost.get(i, "kept")) for i, text in enumerate(result.texts)])
    assert check_group_days(frame, vocabulary, {"g": authors})["g"].code is None
    raw = rows(*[("g", text, "kept") for text in texts])
    assert codes(check_group_days(raw, vocabulary, {"g": authors})) == {"g": "SCRUB_DIGIT_FOUND"}
