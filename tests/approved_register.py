"""Study registers for tests, complete and signed by two people's keys."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
import yaml


@pytest.fixture(scope="session")
def study_keys() -> dict[str, Any]:
    """Private keys of two people who approve a study's register."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return {name: Ed25519PrivateKey.generate() for name in ("ana", "bo")}


@pytest.fixture(scope="session")
def study_entries(study_keys: dict[str, Any]) -> Callable[..., dict[str, dict[str, Any]]]:
    """Entries of a register that stands in a home from 1 September 2026 for a year."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    from resources.stores.study.made_up import made_up_entries
    from simulation.consents import NOTICE, NOTICE_VERSION

    public = {
        name: key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
        for name, key in study_keys.items()
    }

    def entries(
        home: Any, *, pulse: bool = False, distributed: bool = False, sharded: bool = False
    ) -> dict[str, dict[str, Any]]:
        made = made_up_entries(
            home,
            date(2026, 9, 1),
            public,
            pulse=pulse,
            distributed=distributed,
            sharded=sharded,
        )
        for one in made.values():
            one["review_by"] = date(2027, 9, 1)
        made["platform_permission"]["platforms"]["whatsapp"]["terms_checked_within_days"] = 92
        made["notice"]["version"] = NOTICE_VERSION
        made["notice"]["texts"] = {"en": hashlib.sha256(NOTICE).hexdigest()}
        return made

    return entries


@pytest.fixture(scope="session")
def write_register(
    study_keys: dict[str, Any], study_entries: Callable[[Any], dict[str, dict[str, Any]]]
) -> Callable[..., Any]:
    """Writes a home's register, that stands if nothing is changed, and has it approved by two."""
    from resources.stores.study.approvals import record_approval, sign_with_key
    from resources.stores.study.platform_terms import Check, checks, note_check
    from resources.stores.study.register import FORM_VERSION, file_of, read_register

    def write(home: Any, entries: Any = None, *, by: Sequence[str] = ("ana", "bo")) -> Any:
        entries = study_entries(home) if entries is None else entries
        content = {"form": FORM_VERSION, "made_up": False, "entries": entries}
        file_of(home).write_text(yaml.dump(content, Dumper=yaml.CSafeDumper), "utf-8")
        terms = study_entries(home)["platform_permission"]["platforms"]["whatsapp"]
        if not checks(home):
            note_check(home, {"whatsapp": Check(terms["terms_sha256"], date(2026, 9, 1))})
        register = read_register(file_of(home))
        for name in by:
            signed = sign_with_key(study_keys[name], register.scope(home))
            record_approval(home, register, name, signed)
        return register

    return write
