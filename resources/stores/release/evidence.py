"""The evidence of a region-day: written in the transaction that closes it, and never changed.

What it rests on goes with its lifetime, such as verdicts of the gate and Dagster's runs. What an
auditor needs of that stands here for ever: it names no person, holds no value, and of groups a
commitment alone.
"""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from assets.core.london_time import LONDON
from resources.base.database.connection import Database
from resources.base.database.tables import (
    evidence,
    evidence_cards,
    gate_verdicts,
    group_days,
    vectors,
)
from resources.stores.release.group_commitment import SALT_BYTES, commitment
from resources.stores.release.release_ledger import DrawKey
from resources.stores.scores.score_rows import newest_scores


@dataclass(frozen=True)
class InForce:
    """What the program held and the study register said: the same for each group's day.

    Attributes:
        program_version: of the package.
        code_digest: SHA-256 of its code.
        commit_id: the commit that it came from, if that is known.
        encoder_digest: SHA-256 of what makes vectors of words.
        tagger_digest: of the name tagger.
        vocabulary_digest: of the closed vocabulary.
        construct_model_digest: of what scores.
        register_digest: of the register's scope; None without one that can be read.
    """

    program_version: str
    code_digest: str
    commit_id: str | None
    encoder_digest: str
    tagger_digest: str
    vocabulary_digest: str
    construct_model_digest: str
    register_digest: str | None


@dataclass(frozen=True)
class Releasing:
    """Who closes region-days.

    Attributes:
        in_force: what was in force.
        run_id: Dagster's run; None for a revision, which has none.
    """

    in_force: InForce
    run_id: str | None


@dataclass(frozen=True)
class Closed:
    """What a region-day closes with.

    Attributes:
        groups: references of the groups of the draw; none without one, or where it was burned.
        micro_rho: what the draw cost, burned or not; None without one.
        published: whether a value is shown; None for a draw in the shadow of another method.
        shown_micro_rho: the cost that is published with the values.
    """

    groups: frozenset[str]
    micro_rho: int | None
    published: bool | None
    shown_micro_rho: int | None


@dataclass(frozen=True)
class _Used:
    """Of the group-days of a draw, what the tables say now."""

    collect_runs: list[str]
    score_runs: list[str]
    encoders_used: list[str]
    taggers_used: list[str]
    vocabularies_used: list[str]
    models_used: list[str]
    gate_passed: bool | None


def record_evidence(
    connection: sa.Connection,
    key: DrawKey,
    releasing: Releasing,
    closed: Closed,
    now: datetime,
    *,
    chain_head: str | None,
) -> None:
    """Write a region-day's evidence and its public card, within the transaction that closes it.

    Args:
        connection: of that transaction.
        key: the region-day, method and revision.
        releasing: who closes it.
        closed: what it closes with.
        now: the moment of closing.
        chain_head: head of the hash chain, as it is published once a day: it stands on the public
            card, so it must be none that tells of a single event. None where there is none yet.
    """
    used, salt = _used(connection, key, closed.groups), secrets.token_bytes(SALT_BYTES)
    shared = {
        **vars(key),
        **vars(releasing.in_force),
        "recorded": "at_release",
        "groups_commitment": commitment(salt, closed.groups),
        "chain_head": chain_head,
    }
    connection.execute(
        evidence.insert().values(
            **shared,
            **vars(used),
            at=now,
            release_run=releasing.run_id,
            micro_rho=closed.micro_rho,
            salt=salt,
        )
    )
    if closed.published is not None:
        connection.execute(
            evidence_cards.insert().values(
                **shared,
                closed_on=now.astimezone(LONDON).date(),
                published=closed.published,
                gate_passed=used.gate_passed if closed.published else None,
                micro_rho=closed.shown_micro_rho if closed.published else None,
            )
        )


class EvidenceRecords:
    """Finds the evidence that is stored."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keys(self, region: str, days: Collection[date]) -> frozenset[DrawKey]:
        """What of these days has both its row and its public card."""
        columns = [evidence.c[name] for name in DrawKey.__dataclass_fields__]
        same = sa.and_(*(evidence_cards.c[one.name] == one for one in columns))
        query = (
            sa.select(*columns)
            .join(evidence_cards, same)
            .where(evidence.c.region == region, evidence.c.day.in_(days))
        )
        with self._database.transaction() as connection:
            return frozenset(DrawKey(*row) for row in connection.execute(query))


def _used(connection: sa.Connection, key: DrawKey, groups: Collection[str]) -> _Used:
    place = ("region", "day", "group_ref")
    of_vectors = sa.and_(*(vectors.c[name] == group_days.c[name] for name in place))
    # Of the scrubbing that made these vectors: a later one may have been refused.
    of_verdict = sa.and_(
        *(gate_verdicts.c[name] == vectors.c[name] for name in ("group_ref", "day", "run_id"))
    )
    rows = connection.execute(
        sa.select(
            group_days.c.run_id.label("score_run"),
            vectors.c.run_id.label("collect_run"),
            vectors.c.encoder_digest,
            vectors.c.vocabulary_digest,
            gate_verdicts.c.tagger_digest,
            gate_verdicts.c.passed,
        )
        .select_from(group_days)
        .outerjoin(vectors, of_vectors)
        .outerjoin(gate_verdicts, of_verdict)
        .where(
            group_days.c.region == key.region,
            group_days.c.day == key.day,
            group_days.c.group_ref.in_(groups),
        )
    ).all()
    scores = connection.execute(newest_scores(key.region, key.day)).all()
    verdicts = [one.passed for one in rows]
    return _Used(
        collect_runs=_distinct(one.collect_run for one in rows),
        score_runs=_distinct(one.score_run for one in rows),
        encoders_used=_distinct(one.encoder_digest for one in rows),
        taggers_used=_distinct(one.tagger_digest for one in rows),
        vocabularies_used=_distinct(one.vocabulary_digest for one in rows),
        models_used=_distinct(one.model_version for one in scores if one.group_ref in groups),
        gate_passed=_all_passed(verdicts, len(groups)),
    )


def _all_passed(verdicts: Collection[bool | None], groups: int) -> bool | None:
    if False in verdicts:
        return False
    known = groups > 0 and len(verdicts) == groups and None not in verdicts
    return True if known else None


def _distinct(found: Iterable[str | None]) -> list[str]:
    return sorted({one for one in found if one})
