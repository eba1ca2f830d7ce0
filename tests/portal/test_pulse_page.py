"""The pulse's page: there only where the settings have it, and open to six choices alone."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from made_portal import SECONDS, MadePortal, made_portal

from orchestration.portal.limits import Limits
from orchestration.portal.words import texts
from resources.base.database.tables import pulse_answers
from resources.base.database.tables.pulse import PULSE_BYTES
from resources.stores.consent.consent_terms import Scope
from resources.stores.study.gate import asked_in_pulse
from resources.stores.study.made_up import write_made_up_register

pytestmark = pytest.mark.slow

CODE = "AAAA-BBBB-CCCC-DDDD"
MOST = 40


@pytest.fixture
def asking(session: Any, clock: Any) -> Any:
    clock.moment = datetime.now(UTC)
    write_made_up_register(session.home, session.home.config.first_day, pulse=True)
    asked = asked_in_pulse(session.home, clock.today())
    with made_portal(
        session, Limits(per_minute=100_000, pulses_per_hour=MOST), pulse=asked
    ) as made:
        yield made


def form(asking: MadePortal, **changes: Any) -> dict[str, Any]:
    assert asking.settings.pulse is not None
    items = {f"item{number}": "2" for number in range(6)}
    whole = {"group": CODE, "instrument": asking.settings.pulse.digest(), **items} | changes
    return {name: one for name, one in whole.items() if one is not None}


def post(asking: MadePortal, data: Any) -> requests.Response:
    return requests.post(f"{asking.settings.address}/p", data, timeout=SECONDS)


REFUSED: dict[str, tuple[dict[str, Any], int]] = {
    "other items": ({"instrument": "0" * 64}, 400),
    "no instrument": ({"instrument": None}, 400),
    "an item without a choice": ({"item3": None}, 400),
    "a choice that there is not": ({"item3": "5"}, 400),
    "two choices": ({"item3": ["1", "2"]}, 400),
    "no group": ({"group": None}, 400),
    "another form of a code": ({"group": "<script>"}, 400),
    "sealed bytes and more": ({"sealed": "A" * 2731}, 403),
}
SEALED = ("", "A" * 2731, "A" * 2730, "A" * 2732, "=" * 2731)


def test_only_a_whole_answer_is_put_down(asking: MadePortal) -> None:
    for changes, status in REFUSED.values():
        answer = post(asking, form(asking, **changes))
        assert (answer.status_code, changes) == (status, changes)
        assert "<script>" not in answer.text
    assert {post(asking, {"sealed": one}).status_code for one in SEALED} == {403}
    assert asking.rows(pulse_answers) == []
    sent = [post(asking, form(asking, item0=place)) for place in ("0", "4")]
    assert [one.status_code for one in sent] == [200, 200]
    # Nothing of what was chosen shows, neither in the answer nor in what is kept.
    assert sent[0].text == sent[1].text
    assert "set-cookie" not in sent[0].headers
    rows = asking.rows(pulse_answers)
    assert {len(one.sealed) for one in rows} == {PULSE_BYTES}
    assert rows[0].sealed != rows[1].sealed
    opened = asking.session.resources["answer_book"].opened()
    assert [one.answer.chosen[0] for one in opened] == [0, 4]
    # A whole workplace may answer by one address, and no more; leaving is counted by itself.
    # What was refused is counted as none.
    left = MOST - 2
    found = [post(asking, form(asking)) for _ in range(left + 1)]
    assert [one.status_code for one in found] == [200] * left + [429]
    assert texts()["often"]["pulse"] in found[-1].text
    assert requests.post(f"{asking.settings.address}/m", timeout=SECONDS).status_code == 403


def test_what_is_missing_is_marked_and_what_was_chosen_stays(asking: MadePortal) -> None:
    answer = post(asking, form(asking, item3=None, group="x"))
    assert answer.text.count('class="wrong"') >= 3
    assert answer.text.count(" checked") == 5
    # The first of them is where the form's own address leads.
    [first] = re.findall(r'<\w+[^<>]* id="wrong"[^>]*>', answer.text)
    assert 'name="group" type="text"' in first


def test_who_answered_other_items_is_shown_those_of_now(asking: MadePortal) -> None:
    for group, typed in ((CODE, False), ("x", True)):
        answer = post(asking, form(asking, instrument="0" * 64, group=group))
        assert texts()["pulse"]["changed"] in answer.text
        # A choice was made of other items; the code stays.
        assert answer.text.count(" checked") == 0
        assert ('name="group" type="text"' in answer.text) is typed
        assert f'value="{group}"' in answer.text
        assert asking.settings.pulse is not None
        assert asking.settings.pulse.digest() in answer.text


def test_an_admin_is_asked_for_the_scope_and_members_shown_the_way(asking: MadePortal) -> None:
    _, link = asking.invitation()
    assert 'value="pulse"' in requests.get(link, timeout=SECONDS).text
    made, link = asking.invitation()
    assert asking.answer(link, scopes=["trend_lines", "pulse"]).status_code == 200
    assert asking.take_over() == [(made.group_ref, "TAKEN")]
    consent = asking.session.register.consent(made.group_ref)
    assert consent.scopes == {Scope.TREND_LINES, Scope.PULSE}
    members = requests.get(f"{asking.settings.address}/m/{CODE}", timeout=SECONDS).text
    assert f'href="/p/{CODE}"' in members


def test_where_the_settings_have_none_nothing_of_it_shows(portal: MadePortal) -> None:
    address = portal.settings.address
    for path in ("/p", f"/p/{CODE}"):
        assert requests.get(address + path, timeout=SECONDS).status_code == 403
    assert post(portal, {"sealed": "A" * 2731}).status_code == 403
    assert 'href="/p' not in requests.get(f"{address}/m/{CODE}", timeout=SECONDS).text
    made, link = portal.invitation()
    assert "pulse" not in requests.get(link, timeout=SECONDS).text
    # Whoever sends the scope all the same has not agreed to it.
    portal.answer(link, scopes=["trend_lines", "pulse"])
    portal.take_over()
    assert portal.session.register.consent(made.group_ref).scopes == {Scope.TREND_LINES}


def test_the_coordinator_switches_it_on_and_gets_the_words_for_the_notice(
    portal: MadePortal, monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Any
) -> None:
    from command_line import exit_status

    home = portal.session.home
    monkeypatch.setenv("TIDELINE_HOME", str(home.root))
    notice = tmp_path / "notice.txt"
    notice.write_text("what members are told", "utf-8")
    settings = ("consent", "portal-settings", "--address", "https://portal.example.org")
    settings += ("--notice", str(notice), "--notice-version", "3", "--pulse")
    assert exit_status(monkeypatch, *settings) != 0
    assert "STUDY_ENTRY_MISSING" in "".join(capsys.readouterr())
    made, link = portal.invitation()
    portal.answer(link)
    portal.take_over()
    assert exit_status(monkeypatch, "member", "code", made.group_ref) == 0
    assert "pulse" not in capsys.readouterr().out
    template = tmp_path / "study.yaml"
    assert exit_status(monkeypatch, "study", "new", "--pulse", "--to", str(template)) == 0
    assert "\n  pulse:\n" in template.read_text("utf-8")
    assert exit_status(monkeypatch, "study", "new", "--pulse") == 0
    assert exit_status(monkeypatch, "study", "check") == 0
    assert exit_status(monkeypatch, *settings) == 0
    assert portal.home.settings().pulse == asked_in_pulse(home, datetime.now(UTC).date())
    # Its consent does not name the pulse: members are told before their admin is asked.
    capsys.readouterr()
    assert exit_status(monkeypatch, "member", "code", made.group_ref) == 0
    assert "six questions" in capsys.readouterr().out
