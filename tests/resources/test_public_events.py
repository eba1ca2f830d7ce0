"""Dated public events: only kinds that are listed, harmless words, and two people's signatures."""

from datetime import date
from typing import Any

import pytest
import yaml

from assets.core.errors import StudyError
from resources.base.home import Home
from resources.stores.study.approvals import sign_with_key
from resources.stores.study.harm_review import withheld_forecasts
from resources.stores.study.public_events import (
    KINDS,
    events_scope,
    file_of_events,
    read_events,
    record_signature,
    signed_events,
)

STORM = {
    "day": date(2026, 10, 5),
    "kind": "weather_warning",
    "words": "Amber warning for wind",
    "source": "Met Office",
}


def write(home: Home, *events: dict[str, Any], **more: Any) -> None:
    content = {"form": 1, "events": list(events), **more}
    file_of_events(home).write_text(yaml.safe_dump(content), "utf-8")


def sign(home: Home, register: Any, keys: dict[str, Any], *names: str) -> None:
    for name in names:
        made = sign_with_key(keys[name], events_scope(home, read_events(home)))
        record_signature(home, register, name, made)


def test_events_are_shown_once_two_people_have_signed_them_as_they_stand(
    home: Home, write_register: Any, study_keys: dict[str, Any]
) -> None:
    register = write_register(home)
    assert signed_events(home, register) == []
    write(home, STORM)
    shown = []
    for name in ("ana", "ana", "bo"):
        sign(home, register, study_keys, name)
        shown.append(len(signed_events(home, register)))
    assert shown == [0, 0, 1]
    assert signed_events(home, register)[0].regions == home.regions
    write(home, STORM | {"day": date(2026, 10, 6)})
    assert signed_events(home, register) == []


def test_a_signature_of_the_register_or_of_another_home_is_none_of_the_events(
    home: Home, write_register: Any, study_keys: dict[str, Any]
) -> None:
    register = write_register(home)
    write(home, STORM)
    other = Home(home.root, home.config.model_copy(update={"home_id": "1" * 32}))
    for scope in (register.scope(home), events_scope(other, read_events(home))):
        with pytest.raises(StudyError, match="APPROVAL_NOT_SIGNED"):
            record_signature(home, register, "ana", sign_with_key(study_keys["ana"], scope))
    with pytest.raises(StudyError, match="APPROVER_UNKNOWN"):
        sign(home, register, {"cy": study_keys["ana"]}, "cy")


def test_who_may_sign_has_to_be_approved(
    home: Home, write_register: Any, study_keys: dict[str, Any]
) -> None:
    register = write_register(home, by=("ana",))
    write(home, STORM)
    sign(home, register, study_keys, "ana", "bo")
    assert signed_events(home, register) == []


REFUSED = [
    *(
        {"kind": kind}
        for kind in ("labour_dispute", "strike", "ballot", "inspection", "employer", "")
    ),
    *(
        {"words": words}
        for words in (
            "Strike of care workers",
            "Union ballot opens",
            "Teachers' walk-out",
            "First measles case diagnosed",
            "Rain worse than ever",
            "CQC inspection published",
            "Employer closes a home",
            "New pay rates",
            "Storm, because of which buses stopped",
            "TODO",
            "x" * 81,
            "two\nlines",
        )
    ),
    {"source": "Union newsletter"},
    {"day": "some day"},
    {"regions": ["atlantis"]},
    {"regions": []},
    {"cause": "wind"},
]


@pytest.mark.parametrize("change", REFUSED, ids=[str(at) for at in range(len(REFUSED))])
def test_what_is_not_listed_is_refused_whole(home: Home, change: dict[str, Any]) -> None:
    write(home, STORM, STORM | change)
    with pytest.raises(StudyError) as caught:
        read_events(home)
    assert caught.value.code == "EVENTS_NOT_ALLOWED"
    assert caught.value.__context__ is None


def test_every_kind_that_is_listed_is_taken(home: Home) -> None:
    write(home, *(STORM | {"kind": kind} for kind in KINDS))
    assert sorted(one.kind for one in read_events(home)) == sorted(KINDS)


@pytest.mark.parametrize("allowed", [None, False, True])
def test_a_forecast_of_resistance_needs_the_review_of_harms(
    home: Home, write_register: Any, study_entries: Any, allowed: bool | None
) -> None:
    assert withheld_forecasts(home) == {"resistance"}
    entries = study_entries(home)
    entries["risks_and_harms"].pop("resistance_forecast")
    if allowed is not None:
        entries["risks_and_harms"]["resistance_forecast"] = allowed
    write_register(home, entries)
    assert withheld_forecasts(home) == (set() if allowed else {"resistance"})
