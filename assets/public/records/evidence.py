"""`evidence.json`: how each row came about; no value, and nothing that counts groups."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import PublicationError
from assets.core.points import point_id
from assets.public.records.metadata import json_of
from resources.stores.published.evidence_cards import EvidenceCard

IN_FORCE: Mapping[str, str] = {
    "program_version": "program_version",
    "code_digest": "code_sha256",
    "commit_id": "commit",
    "encoder_digest": "encoder_sha256",
    "tagger_digest": "tagger_sha256",
    "vocabulary_digest": "vocabulary_sha256",
    "construct_model_digest": "construct_model_sha256",
    "register_digest": "register_sha256",
}
"""A card's fields that many days share, and what the file calls them."""
_OF_DAY = tuple(
    one.name for one in fields(EvidenceCard) if one.name not in {*IN_FORCE, "day", "closed_on"}
)


def points_of(card: EvidenceCard) -> dict[str, str]:
    """Ids of a card's points, by construct."""
    return {name: point_id(card.region, card.day, name, card.revision) for name in CONSTRUCTS}


def in_force_of(card: EvidenceCard) -> dict[str, str | None]:
    """What was in force, by the names of the file."""
    return {name: getattr(card, own) for own, name in IN_FORCE.items()}


@cache
def meanings() -> dict[str, str]:
    """What each field of the file means, in its order; all that may stand there."""
    return yaml.safe_load(Path(__file__).with_name("evidence_columns.yaml").read_text("utf-8"))


def written_evidence(cards: Sequence[EvidenceCard], published: pd.DataFrame) -> bytes:
    """The file, of the region-days that a release shows and of their earlier revisions.

    Args:
        cards: in any order.
        published: see `assets.public.records.tables.checked_published`.

    Returns:
        UTF-8 JSON, the same bytes for the same arguments.

    Raises:
        PublicationError: `VALUE_WITHOUT_EVIDENCE` if a row has no card: no release wrote it.
    """
    names = ["region", "day", "method_version", "revision"]
    rows = {tuple(row) for row in published[names].drop_duplicates().itertuples(index=False)}
    if not rows <= {one.key for one in cards}:
        raise PublicationError("VALUE_WITHOUT_EVIDENCE")
    newest = {(region, day): revision for region, day, _, revision in rows}
    shown = sorted(
        (one for one in cards if one.revision <= newest.get((one.region, one.day), -1)),
        key=lambda one: one.key,
    )
    in_force: list[dict[str, str | None]] = []
    for card in shown:
        if in_force_of(card) not in in_force:
            in_force.append(in_force_of(card))
    content = {
        "meaning": meanings(),
        "in_force": in_force,
        "region_days": [
            {
                **{name: getattr(card, name) for name in _OF_DAY},
                "day": card.day.isoformat(),
                "closed_on": card.closed_on.isoformat(),
                "in_force": in_force.index(in_force_of(card)),
                "points": points_of(card),
            }
            for card in shown
        ],
    }
    return json_of(content)


def read_evidence(content: bytes) -> list[EvidenceCard]:
    """The cards, from what `written_evidence` gave.

    Raises:
        KeyError, ValueError, TypeError, IndexError: where it is not as written.
    """
    found = json.loads(content)
    return [_card(one, found["in_force"][one["in_force"]]) for one in found["region_days"]]


def _card(one: Mapping[str, Any], in_force: Mapping[str, Any]) -> EvidenceCard:
    return EvidenceCard(
        **{name: one[name] for name in _OF_DAY},
        **{own: in_force[name] for own, name in IN_FORCE.items()},
        day=date.fromisoformat(one["day"]),
        closed_on=date.fromisoformat(one["closed_on"]),
    )
