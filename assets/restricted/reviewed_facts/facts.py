"""Which facts a home has to tell: settings, models, words that were signed, quarters that ended."""

from typing import Any

from assets.released.reviewed_facts import SETTINGS
from assets.restricted.reviewed_facts.quarters import ended, told
from assets.restricted.scoring.construct_model.model import load_construct_model
from resources.base.clock import Clock
from resources.base.home import Home, HomeConfig
from resources.stores.connect.of_home import ConnectorsOfHome
from resources.stores.reviewed.fact_book import FactBook
from resources.stores.reviewed.signed_words import signed_words
from resources.stores.study.measured import areas_of_constructs
from resources.stores.study.models_in_use import models_in_use


def settings_told(config: HomeConfig) -> dict[str, Any]:
    """What `home.yaml` says of how long things are kept, and on which basis members are read."""
    said = {name: getattr(config, name) for name in SETTINGS}
    return {name: list(one) if isinstance(one, tuple) else one for name, one in said.items()}


def connectors_told(home: Home) -> dict[str, Any]:
    """Which platforms a program asks by itself; nothing where none was ever configured."""
    connectors = ConnectorsOfHome(home.connectors)
    return {"connectors": connectors.platforms()} if home.connectors.exists() else {}


def models_told() -> dict[str, Any]:
    """The models that serve, each with its digest and what it was measured to do.

    Raises:
        SetupError: `CONSTRUCT_MODEL_UNREADABLE`.
    """
    versions = {"construct_model": load_construct_model().version}
    return {
        name: {
            "version": versions.get(name, sha256[:12]),
            "sha256": sha256,
            "performance": areas_of_constructs() if name == "construct_model" else [],
        }
        for name, sha256 in models_in_use().items()
    }


def record_facts(home: Home, book: FactBook, clock: Clock) -> int:
    """Record all facts of a home that are not recorded as they are. Returns how many.

    Raises:
        PublicationError: `FACT_NOT_ALLOWED`.
        SetupError: `CONSTRUCT_MODEL_UNREADABLE`.
        StorageError: `DATABASE_REFUSED`, `POSTGRES_NOT_REACHABLE`.
    """
    now = clock.now()
    settings = settings_told(home.config) | connectors_told(home)
    count = book.record("setting", settings, now)
    count += book.record("model", models_told(), now)
    signed = signed_words(home)
    if signed is not None:
        count += book.record("words", signed.words, now, signed.register_digest)
    return count + sum(
        book.record_quarter(one.name, one.begin, one.end, now, told)
        # Of before the study there is nothing to tell, whenever its first day is.
        for one in ended(max(home.config.first_day, book.begun(now)), now)
    )
