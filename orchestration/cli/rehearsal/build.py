"""Digests of what is installed: models, vocabulary and code, and of what runs and releases tell."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import dagster as dg

from assets.core.names import CONSTRUCT_MODEL, NAME_TAGGER
from assets.core.public_files import EVIDENCE
from assets.public.page.made_by import made_by
from assets.public.records.evidence import in_force_of, read_evidence
from assets.restricted.scoring.construct_model.model import load_construct_model
from assets.restricted.scrubbing.name_tagger.serving import tagger_digest
from assets.restricted.scrubbing.vocabulary_file import load_vocabulary
from resources.base.program import code_digest, code_version
from resources.models.narrow_encoder import encoder_digest
from resources.stores.published.releases import Releases

PUBLIC_CODE = "code_of_public_files"
_TOLD_BY_EVIDENCE = {
    "code_sha256": "code",
    "vocabulary_sha256": "vocabulary",
    "tagger_sha256": "name_tagger",
    "encoder_sha256": "encoder",
    "construct_model_sha256": "construct_model",
}
_TOLD_BY_RUNS = {
    NAME_TAGGER: {"tagger_sha256": "name_tagger", "vocabulary_sha256": "vocabulary"},
    CONSTRUCT_MODEL: {"model_sha256": "construct_model", "encoder_sha256": "encoder"},
}


@cache
def installed() -> Mapping[str, str]:
    """Of the program that runs: what it was built from, and SHA-256 of each part, 64 hex digits."""
    return {
        "commit_or_version": code_version(),
        "code": code_digest(),
        PUBLIC_CODE: str(made_by()["code_sha256"]),
        "vocabulary": load_vocabulary()[1],
        "name_tagger": tagger_digest(),
        "encoder": encoder_digest(),
        "construct_model": load_construct_model().sha256,
    }


def told_by_runs(instance: dg.DagsterInstance) -> dict[str, str]:
    """The digests that a home's newest runs recorded of models and vocabulary, by our names."""
    found: dict[str, str] = {}
    for asset, labels in _TOLD_BY_RUNS.items():
        event = instance.get_latest_materialization_event(dg.AssetKey(asset))
        made = event.asset_materialization if event else None
        for label, name in labels.items():
            if made and label in made.metadata:
                found[name] = str(made.metadata[label].value)
    return found


def told_by_release(public: Path) -> dict[str, str]:
    """The digests in the newest release of a public folder, by our names.

    What it was made by, and what was in force when the last of its region-days closed.
    """
    releases = Releases(public)
    newest = max(releases.numbers(), default=None)
    if newest is None:
        return {}
    made = releases.manifest(newest).get("made_by", {})
    told = {PUBLIC_CODE: made.get("code_sha256")}
    evidence = releases.folder(newest) / EVIDENCE
    cards = read_evidence(evidence.read_bytes()) if evidence.is_file() else []
    if cards:
        in_force = in_force_of(max(cards, key=lambda one: (one.closed_on, one.day)))
        told |= {name: in_force[label] for label, name in _TOLD_BY_EVIDENCE.items()}
    return {name: digest for name, digest in told.items() if digest}


def differing(told: Mapping[str, str]) -> list[str]:
    """Names of the parts of which the installed program's digest is another."""
    own = installed()
    return sorted(name for name, digest in told.items() if own[name] != digest)
