"""Digests of what is installed: models, vocabulary and code, and of what runs and releases tell."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import dagster as dg

from assets.core.names import CONSTRUCT_MODEL, NAME_TAGGER
from assets.public.page.made_by import made_by
from assets.restricted.scoring.construct_model.model import load_construct_model
from assets.restricted.scrubbing.name_tagger.serving import tagger_digest
from assets.restricted.scrubbing.vocabulary_file import load_vocabulary
from resources.base.built_from import code_version
from resources.models.narrow_encoder import encoder_digest
from resources.stores.published.releases import Releases

PUBLIC_CODE = "code_of_public_files"
_PACKAGES = ("assets", "evaluation", "orchestration", "resources", "simulation")
_TOLD_BY_RUNS = {
    NAME_TAGGER: {"tagger_sha256": "name_tagger", "vocabulary_sha256": "vocabulary"},
    CONSTRUCT_MODEL: {"model_sha256": "construct_model", "encoder_sha256": "encoder"},
}


@cache
def installed() -> Mapping[str, str]:
    """Of the program that runs: what it was built from, and SHA-256 of each part, 64 hex digits."""
    return {
        "commit_or_version": code_version(),
        "code": _code_digest(),
        PUBLIC_CODE: str(made_by()["code_sha256"]),
        "vocabulary": load_vocabulary()[1],
        "name_tagger": tagger_digest(),
        "encoder": encoder_digest(),
        "construct_model": load_construct_model().sha256,
    }


def _code_digest() -> str:
    """Of every file of our packages, data and models among them, by path."""
    digest = sha256()
    for package in _PACKAGES:
        found = find_spec(package)
        root = Path(next(iter((found and found.submodule_search_locations) or ())))
        for path in sorted(one for one in root.rglob("*") if one.is_file()):
            name = path.relative_to(root).as_posix()
            if "__pycache__" not in path.parts:
                content = sha256(path.read_bytes()).hexdigest()
                digest.update(f"{package}/{name} {content}\n".encode())
    return digest.hexdigest()


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
    """The digest of code that the newest release of a public folder says it was made by."""
    releases = Releases(public)
    numbers = releases.numbers()
    if not numbers:
        return {}
    made = releases.manifest(numbers[-1]).get("made_by", {})
    return {PUBLIC_CODE: str(made["code_sha256"])} if "code_sha256" in made else {}


def differing(told: Mapping[str, str]) -> list[str]:
    """Names of the parts of which the installed program's digest is another."""
    own = installed()
    return sorted(name for name, digest in told.items() if own[name] != digest)
