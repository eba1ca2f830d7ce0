from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from assets.core.errors import ConsentError
from assets.core.modes import Mode
from orchestration.cli.delivering import deliver
from resources.base.database.tables import export_reports, group_scores, home, vectors
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.inbox.inbox import Inbox

pytestmark = pytest.mark.slow

DAY, LAST = date(2026, 10, 12), date(2026, 10, 14)


def digests(house) -> dict[tuple[date, str], str]:
    """Of which export each living or scored group-day is."""
    with house.database.transaction() as connection:
        rows = connection.execute(
            sa.select(vectors.c.day, vectors.c.group_ref, vectors.c.export_digest)
        )
        return {(row[0], row[1]): row[2] for row in rows}


def messages_read(house) -> int:
    with house.database.transaction() as connection:
        return connection.execute(sa.select(home.c.messages_read)).scalar_one()


def test_collect_twice_changes_nothing(house) -> None:
    refs = house.groups(2, DAY, LAST)
    assert house.run("collect", DAY, LAST) is None
    before = house.stored()
    assert house.group_days() == {(DAY + timedelta(n), ref) for n in range(3) for ref in refs}
    assert house.run("collect", DAY, LAST) is None
    assert house.stored() == before


def test_each_asset_alone_twice_changes_nothing_that_is_settled(house) -> None:
    house.groups(5, DAY, DAY)
    for asset in ("platform_export", "scrubbed_vectors", "group_scores", "regional_aggregates"):
        assert house.materialise(asset, DAY).success, asset
    before = house.stored()
    assert [row[3] for row in house.values()] == ["published"] * 3
    assert before[1] != {}
    for asset in ("regional_aggregates", "group_scores", "scrubbed_vectors", "platform_export"):
        result = house.materialise(asset, DAY)
        assert result.success, asset
        assert house.stored() == before, asset
        if asset == "platform_export":
            continue
        (event,) = result.get_asset_materialization_events()
        assert event.materialization.metadata["already_settled"].value > 0


def test_a_later_export_never_reopens_a_settled_day(house, chat) -> None:
    (ref,) = house.groups(1, DAY, DAY)
    assert house.run("collect", DAY) is None
    before = house.settled()
    house.clock.moment += timedelta(hours=1)
    newer = house.deliver(ref, chat(DAY, LAST, people=9, seed=3))
    assert house.run("collect", DAY, LAST) is None
    assert [row for row in house.settled()[0] if row[1] == DAY] == before[0]
    assert [row for row in house.settled()[1] if row[1] == DAY] == before[1]
    assert {digest for (day, _), digest in digests(house).items() if day != DAY} == {newer.digest}


def test_of_two_exports_the_newest_covering_one_supplies(house, chat) -> None:
    ref = house.grant()
    long_ago = datetime(2026, 10, 14, 12, tzinfo=UTC)
    newest = house.deliver(ref, chat(DAY, LAST), long_ago)
    house.deliver(ref, chat(DAY, DAY, people=3))
    assert house.run("collect", DAY, LAST) is None
    # The one that came first has the later entry; it can't vouch for the 14th, on which it came.
    assert {day: digest for (day, _), digest in digests(house).items() if day < LAST} == {
        DAY: newest.digest,
        DAY + timedelta(days=1): newest.digest,
    }
    assert digests(house)[LAST, ref] != newest.digest


def test_unsettled_vectors_give_way_to_a_newer_export(house, chat) -> None:
    ref = house.grant()
    house.deliver(ref, chat(DAY, DAY))
    assert house.materialise("scrubbed_vectors", DAY).success
    keys = {path.name for path in house.session.home.keys.iterdir()}
    house.clock.moment += timedelta(hours=1)
    newer = house.deliver(ref, chat(DAY, LAST, people=7))
    assert house.materialise("scrubbed_vectors", DAY).success
    assert digests(house) == {(DAY, ref): newer.digest}
    living = {path.name for path in house.session.home.keys.iterdir()}
    assert len(living) == 1
    assert not living & keys
    assert house.run("collect", DAY) is None
    scores = house.resources["score_store"].of_region_day("greater_london", DAY)
    assert scores[ref][0].person_days == 7


def test_vectors_of_another_encoder_are_made_anew_and_never_scored(house) -> None:
    house.groups(2, DAY, DAY)
    assert house.materialise("platform_export", DAY).success
    assert house.materialise("scrubbed_vectors", DAY).success
    of_this = house.rows(vectors)[0]
    with house.database.transaction() as connection:
        connection.execute(vectors.update().values(encoder_digest="f" * 64))
    # Score alone: what stands is of the other, and goes.
    assert not house.materialise("group_scores", DAY).success
    assert {code for codes in house.codes().values() for code in codes} == {
        "VECTORS_OF_OTHER_ENCODER"
    }
    assert not house.group_days()
    # The next collect reads the exports again, as it would with vectors that still lived.
    assert house.run("collect", DAY) is None
    again = house.rows(vectors)[0]
    place = [one.name for one in vectors.c].index("encoder_digest")
    assert [row[place] for row in again] == [row[place] for row in of_this]
    assert len(house.group_days()) == len(again) == 2


def test_a_day_on_which_too_few_wrote_settles_without_scores(house, chat) -> None:
    few, none = house.grant(), house.grant()
    house.deliver(few, chat(DAY, DAY, people=4))
    house.deliver(none, chat(LAST, LAST))
    assert house.run("collect", DAY) is None
    with house.database.transaction() as connection:
        assert connection.execute(sa.select(group_scores)).all() == []
    assert {row[3] for row in house.settled()[0]} == {"too_small"}
    assert house.group_days() == {(DAY, few), (DAY, none)}
    # Nothing waits for a release that would not use it.
    assert list(house.session.home.keys.iterdir()) == []


def test_a_day_that_no_export_covers_stays_open(house, chat) -> None:
    ref = house.grant()
    house.deliver(ref, chat(DAY, DAY), datetime(2026, 10, 12, 20, tzinfo=UTC))
    assert house.run("collect", DAY) is None
    assert house.group_days() == set()


def test_without_consent_no_file_is_opened(house, chat, opened) -> None:
    consented = house.grant()
    without = {
        "withdrawn": house.grant(),
        "ended yesterday": house.grant(valid_until=date(2026, 10, 14)),
        "starts later": house.grant(valid_from=LAST),
        "another region": house.grant("east_of_england"),
    }
    house.withdraw(without["withdrawn"])
    for ref in (consented, *without.values(), "g-00000000"):
        house.deliver(ref, chat(DAY, DAY))
    for asset in ("platform_export", "scrubbed_vectors", "group_scores"):
        assert house.materialise(asset, DAY).success
    assert house.run("collect", DAY) is None
    assert set(opened) == {consented}
    assert house.group_days() == {(DAY, consented)}
    with house.database.transaction() as connection:
        reported = connection.execute(sa.select(export_reports.c.group_ref)).scalars()
        assert set(reported) == {consented}


def test_only_days_inside_the_consent_are_read(house, chat) -> None:
    ref = house.grant(valid_from=DAY + timedelta(days=1))
    house.deliver(ref, chat(DAY, LAST))
    assert house.run("collect", DAY, LAST) is None
    assert house.group_days() == {(DAY + timedelta(days=1), ref), (LAST, ref)}
    assert messages_read(house) == 12


@pytest.mark.parametrize("asset", ["platform_export", "scrubbed_vectors"])
def test_a_group_that_withdraws_in_the_middle_is_not_read(
    house, asset: str, opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = house.groups(3, DAY, DAY)
    spied = Inbox.open_export

    def withdrawing(inbox: Inbox, export):
        if house.session.register.consent(refs[2]).active:
            house.withdraw(refs[2])
        return spied(inbox, export)

    monkeypatch.setattr(Inbox, "open_export", withdrawing)
    assert house.materialise(asset, DAY).success
    assert set(opened) == set(refs[:2])


def test_vectors_of_a_group_that_withdrew_are_destroyed_unscored(house) -> None:
    stays, leaves = house.groups(2, DAY, DAY)
    assert house.materialise("scrubbed_vectors", DAY).success
    house.withdraw(leaves)
    assert house.materialise("group_scores", DAY).success
    assert house.group_days() == {(DAY, stays)}
    assert len(list(house.session.home.keys.iterdir())) == 2  # vectors and scores of one group


def test_a_group_that_consents_again_is_read_again(house) -> None:
    (ref,) = house.groups(1, DAY, DAY)
    assert house.materialise("scrubbed_vectors", DAY).success
    export = house.resources["inbox"].open_export(house.resources["inbox"].list(ref)[0]).read()
    house.withdraw(ref)
    assert house.materialise("group_scores", DAY).success
    terms = house.resources["vector_store"]
    assert [one.destroyed for one in terms.find("greater_london", [DAY])] == [True]
    again = house.grant()
    house.deliver(again, export)
    assert house.run("collect", DAY) is None
    assert house.group_days() == {(DAY, again)}


def test_one_run_collects_one_region(house, chat) -> None:
    london, east = house.grant(), house.grant("east_of_england")
    for ref in (london, east):
        house.deliver(ref, chat(DAY, LAST))
    assert house.run("collect", DAY, LAST, region="east_of_england") is None
    assert {ref for _, ref in house.group_days()} == {east}


def test_discovery_opens_only_what_was_counted_at_the_door(
    open_house, chat, discovery_record, tmp_path, opened
) -> None:
    house = open_house(Mode.DISCOVERY, discovery_record=discovery_record)
    past_the_door, counted = house.grant(), house.grant()
    house.deliver(past_the_door, chat(DAY, LAST))
    path = tmp_path / "chat.txt"
    path.write_bytes(chat(DAY, LAST))
    delivered = deliver(house.session, counted, path)
    assert delivered.counted == delivered.look.entries == messages_read(house)
    assert house.run("collect", DAY, LAST) == "GROUPS_REFUSED"
    assert house.codes() == {past_the_door: {"EXPORT_NOT_COUNTED"}}
    assert set(opened) == {counted}
    assert {ref for _, ref in house.group_days()} == {counted}
    # Read again and again, it counts once.
    assert messages_read(house) == delivered.counted


def test_a_platform_of_which_the_study_has_no_permission_is_not_opened(
    open_house, chat, write_register, study_entries, tmp_path, opened
) -> None:
    house = open_house(
        Mode.STUDY,
        contact="care-study@lse.ac.uk",
        member_bases=(MemberBasis.NOTICE_WITH_OBJECTION,),
    )
    permitted, other = house.grant(), house.grant(platform="telegram")
    for ref in (permitted, other):
        house.deliver(ref, chat(DAY, DAY))
    write_register(house.session.home)
    assert house.run("collect", DAY) == "GROUPS_REFUSED"
    assert house.codes() == {other: {"PLATFORM_NOT_PERMITTED"}}
    assert set(opened) == {permitted}
    path = tmp_path / "chat.txt"
    path.write_bytes(chat(DAY, DAY))
    for ask in (
        lambda: house.grant(platform="telegram"),
        lambda: deliver(house.session, other, path),
    ):
        with pytest.raises(ConsentError, match=r"^PLATFORM_NOT_PERMITTED$"):
            ask()
    # Nor does a day wait for what will not be read, while collection is stopped.
    entries = study_entries(house.session.home)
    entries["ethics"]["review_by"] = DAY
    write_register(house.session.home, entries)
    assert house.run("release", DAY) is None
    assert {row[1] for row in house.values()} == {DAY}


def _vectors(house):
    days = [DAY + timedelta(days=n) for n in range(-9, 3)]
    return house.resources["vector_store"].find("greater_london", days)


def test_keys_of_a_discovery_home_go_with_scoring(
    open_house, chat, discovery_record, tmp_path
) -> None:
    house = open_house(Mode.DISCOVERY, discovery_record=discovery_record)
    path = tmp_path / "chat.txt"
    path.write_bytes(chat(DAY, DAY))
    deliver(house.session, house.grant(), path)
    assert house.run("collect", DAY) is None
    assert [one.destroyed for one in _vectors(house)] == [True]
