import pandas as pd
import pytest

from assets.governance.errors import ScrubError
from assets.scrubbing import Scrubber
from assets.scrubbing.gate import check_group_days

PLANTED = "xyzzyplover"


def rows(*messages: tuple[object, str, bool]) -> pd.DataFrame:
    return pd.DataFrame(list(messages), columns=["group_day", "text", "dropped"])


GOOD = [(("g1", "2026-01-05"), "so tired _ today . help ?", False)] * 6


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
    frame = rows(*GOOD, (bad, "we need help", False), (bad, text, False))
    assert check_group_days(frame, vocabulary, {bad: roster}) == {GOOD[0][0]: None, bad: code}


@pytest.mark.parametrize(
    ("failures", "messages", "code"),
    [
        (0, 5, None),
        (1, 5, None),
        (2, 5, "SCRUB_TOO_MANY_DROPPED"),
        (1, 4, "SCRUB_TOO_MANY_DROPPED"),
    ],
)
def test_share_of_failed_messages(failures, messages, code, vocabulary):
    frame = rows(
        *[("g", "" if i < failures else "so tired", i < failures) for i in range(messages)]
    )
    assert check_group_days(frame, vocabulary, {}) == {"g": code}


def test_too_little_left_is_no_failure(vocabulary):
    frame = rows(*[("g", "", False)] * 9, ("g", "so tired", False))
    assert check_group_days(frame, vocabulary, {}) == {"g": None}


def test_every_failing_group_day_among_many_is_found(vocabulary):
    bad = {3: "SCRUB_DIGIT_FOUND", 4: "SCRUB_TOKEN_NOT_ALLOWED", 60: "SCRUB_TOKEN_NOT_ALLOWED"}
    frame = rows(
        *[
            (i, "so 7" if bad.get(i) == "SCRUB_DIGIT_FOUND" else f"so {PLANTED}", False)
            for i in bad
        ],
        *[(i, "so tired", False) for i in range(61) if i not in bad],
    )
    verdicts = check_group_days(frame, vocabulary, {})
    assert {key: code for key, code in verdicts.items() if code} == bad
    assert len(verdicts) == 61


def test_a_planted_token_is_told_nowhere(vocabulary, capfd, caplog, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    caplog.set_level(0)
    frame = rows(("g", f"so {PLANTED} 7", True))
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
        rows(("g", None, False)),
        rows((None, "so", False)),
    ],
)
def test_a_table_that_cannot_be_checked_is_refused(frame, vocabulary):
    with pytest.raises(ScrubError, match=r"^SCRUB_GATE_INPUT_INVALID$"):
        check_group_days(frame, vocabulary, {})


def test_nothing_to_check(vocabulary):
    assert check_group_days(rows(), vocabulary, {}) == {}


def test_what_the_scrubber_writes_passes(vocabulary):
    authors = ["Will Young", "Ada Obi"]
    texts = ["Will is on 07700 900123", "so tired, ask Ada about the 7th", "😂", "LS1 4AB"] * 3
    result = Scrubber.load().scrub_counted(texts, authors)
    frame = rows(*[("g", text, i in result.failed) for i, text in enumerate(result.texts)])
    assert check_group_days(frame, vocabulary, {"g": authors}) == {"g": None}
    raw = rows(*[("g", text, False) for text in texts])
    assert check_group_days(raw, vocabulary, {"g": authors}) == {"g": "SCRUB_DIGIT_FOUND"}
