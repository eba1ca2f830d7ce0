from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from assets.core.errors import ReleaseError
from resources.base.database.connection import Database
from resources.base.database.tables import release_people
from resources.stores.release import release_people as module
from resources.stores.release.release_people import ReleasePeople

NOW = datetime(2026, 10, 15, 9, tzinfo=UTC)
ANA, BO = "ana.k", "bo"
PHRASE = "tide pools at noon"
OTHER = "nine wet umbrellas"


@pytest.fixture
def people(database: Database, monkeypatch: pytest.MonkeyPatch) -> ReleasePeople:
    monkeypatch.setattr(module, "LOG2_COST", 4)
    registered = ReleasePeople(database)
    registered.register(ANA, PHRASE, NOW)
    return registered


def rows(database: Database) -> list[sa.Row]:
    with database.transaction() as connection:
        return list(connection.execute(sa.select(release_people).order_by(release_people.c.seq)))


def refusal(call: Callable[..., object], *args: object, **named: object) -> str:
    with pytest.raises(ReleaseError) as caught:
        call(*args, **named)
    return caught.value.code


def test_the_cost_is_what_is_advised_and_is_kept_with_the_entry(database: Database) -> None:
    ReleasePeople(database).register(ANA, PHRASE, NOW)
    [row] = rows(database)
    assert row.log2_cost == 17
    ReleasePeople(database).confirm(ANA, PHRASE)


def test_only_the_phrase_lets_through(people: ReleasePeople) -> None:
    people.confirm(ANA, PHRASE)
    for name, phrase in (
        (ANA, ""),
        (ANA, PHRASE + " "),
        (ANA, PHRASE.upper()),
        (ANA, OTHER),
        (BO, PHRASE),
        ("", ""),
        ("ana.k' OR true", PHRASE),
        (ANA, "\udc80" * 12),
    ):
        assert refusal(people.confirm, name, phrase) == "PERSON_NOT_CONFIRMED"


def test_the_same_phrase_from_two_keyboards(people: ReleasePeople) -> None:
    people.register(BO, "caf\u00e9 by the sea", NOW)
    people.confirm(BO, "cafe\u0301 by the sea")


@pytest.mark.parametrize(
    ("name", "phrase", "code"),
    [
        ("A", PHRASE, "PERSON_NAME_INVALID"),
        ("a", PHRASE, "PERSON_NAME_INVALID"),
        ("Bo", PHRASE, "PERSON_NAME_INVALID"),
        ("bo jones", PHRASE, "PERSON_NAME_INVALID"),
        ("bo\n", PHRASE, "PERSON_NAME_INVALID"),
        ("1bo", PHRASE, "PERSON_NAME_INVALID"),
        ("b" * 41, PHRASE, "PERSON_NAME_INVALID"),
        (BO, "", "PHRASE_TOO_SHORT"),
        (BO, "x" * 11, "PHRASE_TOO_SHORT"),
    ],
)
def test_what_cannot_be_registered(
    people: ReleasePeople, database: Database, name: str, phrase: str, code: str
) -> None:
    before = rows(database)
    assert refusal(people.register, name, phrase, NOW) == code
    assert rows(database) == before


@pytest.mark.parametrize("name", ["ab", "b" * 40, "a.b-c9"])
def test_what_can(people: ReleasePeople, name: str) -> None:
    people.register(name, "x" * 12, NOW)
    people.confirm(name, "x" * 12)


def test_another_phrase_takes_the_present_one(people: ReleasePeople) -> None:
    people.register(BO, OTHER, NOW)
    for present in (None, "", OTHER, "not it at all"):
        assert (
            refusal(people.register, ANA, OTHER, NOW, present_phrase=present)
            == "PERSON_NOT_CONFIRMED"
        )
    people.register(ANA, "a third phrase", NOW + timedelta(days=1), present_phrase=PHRASE)
    people.confirm(ANA, "a third phrase")
    assert refusal(people.confirm, ANA, PHRASE) == "PERSON_NOT_CONFIRMED"
    assert people.since() == {ANA: NOW + timedelta(days=1), BO: NOW}


@pytest.mark.parametrize(("by", "phrase"), [(ANA, PHRASE), (BO, OTHER)])
def test_removing_takes_a_phrase_and_is_not_for_ever(
    people: ReleasePeople, by: str, phrase: str
) -> None:
    people.register(BO, OTHER, NOW)
    assert refusal(people.remove, ANA, by, "not it at all", NOW) == "PERSON_NOT_CONFIRMED"
    assert refusal(people.remove, "nobody", by, phrase, NOW) == "PERSON_UNKNOWN"
    people.remove(ANA, by, phrase, NOW)
    assert list(people.since()) == [BO]
    assert refusal(people.confirm, ANA, PHRASE) == "PERSON_NOT_CONFIRMED"
    assert refusal(people.remove, BO, ANA, PHRASE, NOW) == "PERSON_NOT_CONFIRMED"
    people.register(ANA, "a third phrase", NOW)
    people.confirm(ANA, "a third phrase")


def test_phrases_are_not_stored_and_salts_differ(people: ReleasePeople, database: Database) -> None:
    people.register(BO, PHRASE, NOW)
    one, other = rows(database)
    assert one.salt != other.salt
    assert one.verifier != other.verifier
    assert PHRASE.encode() not in b"".join((one.salt, one.verifier))
    assert PHRASE not in repr(vars(people))


def test_an_unknown_name_is_weighed_like_a_known_one(
    people: ReleasePeople, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(
        module,
        "_scrypt",
        lambda salt, cost, of=module._scrypt: asked.append(cost) or of(salt, cost),
    )
    for name in (ANA, BO):
        assert refusal(people.confirm, name, OTHER) == "PERSON_NOT_CONFIRMED"
    assert asked == [4, 4]
