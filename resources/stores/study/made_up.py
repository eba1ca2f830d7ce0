"""The register of a home in which everything is made up: complete, and saying so in every entry.

The gate is the one of a real study. The two who approve are keys that are made here and forgotten.
"""

import hashlib
from datetime import date
from typing import Any

from assets.core.study_entries import CLAIMS, PROMISES, TOLD
from resources.base.files import write_once
from resources.base.home import Home
from resources.stores.study.approvals import record_approval, sign_with_key
from resources.stores.study.entry_forms import OFFICES, RISKS
from resources.stores.study.platform_terms import Check, note_check
from resources.stores.study.register import file_of, read_register
from resources.stores.study.written import blank_entries, written

MADE_UP = "made up"
REVIEW_BY = date(2099, 12, 31)
_MADE_UP_ITEMS = (
    ("more than you could carry?", False),
    ("on your mind at night?", False),
    ("a reason to be worn out?", False),
    ("too loud?", False),
    ("without a pause?", False),
    ("something that you went to gladly?", True),
)
"""Written for made-up homes; they measure nothing."""
_APPROVERS = ("made_up_one", "made_up_two")


def write_made_up_register(
    home: Home,
    decided_on: date,
    *,
    pulse: bool = False,
    distributed: bool = False,
    sharded: bool = False,
) -> None:
    """Write a complete register that says of itself that it is made up, approved by two new keys.

    Args:
        home: a home of mode `synthetic`; in a study, such a register stops everything.
        decided_on: before any day that the home works on.
        pulse: whether it has one, with six items that are made up, too.
        distributed: whether other processes than the run's may read, on this machine.
        sharded: whether several runs may share a region's groups, likewise.

    Raises:
        StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PrivateKey,
    )
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        Encoding,
        PublicFormat,
    )

    keys = {name: Ed25519PrivateKey.generate() for name in _APPROVERS}
    public = {
        name: key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
        for name, key in keys.items()
    }
    entries = made_up_entries(
        home, decided_on, public, pulse=pulse, distributed=distributed, sharded=sharded
    )
    text = written(entries, home.config, made_up=True)
    write_once(file_of(home), text.encode())
    terms = entries["platform_permission"]["platforms"]["whatsapp"]["terms_sha256"]
    note_check(home, {"whatsapp": Check(terms, decided_on)})
    register = read_register(file_of(home))
    for name, key in keys.items():
        record_approval(home, register, name, sign_with_key(key, register.scope(home)))


def made_up_entries(
    home: Home,
    decided_on: date,
    public_keys: dict[str, str],
    *,
    pulse: bool = False,
    distributed: bool = False,
    sharded: bool = False,
) -> dict[str, dict[str, Any]]:
    """Every field of every entry.

    Args:
        home: the home.
        decided_on: day of all decisions.
        public_keys: of those who approve, by name.
        pulse: whether there is one.
        distributed: whether other processes than the run's may read.
        sharded: whether several runs may share a region's groups.
    """
    digest = hashlib.sha256(MADE_UP.encode()).hexdigest()
    people: dict[str, Any] = {
        name: {"role": "other", "ssh_key": key} for name, key in public_keys.items()
    }
    people |= {f"made_up_{one}": {"role": one, "ssh_key": None} for one in OFFICES}
    known: dict[str, dict[str, Any]] = {
        "need_and_benefit": {"users": [MADE_UP]},
        "alternatives": {"considered": [MADE_UP]},
        "controller_and_sponsor": {
            "controller": "Made up: no organisation answers for this",
            "sponsor": "Made up: nobody pays for this",
            "data_protection_officer": "Made up: nobody",
        },
        "contact": {
            "contact": home.config.contact,
            "complaints": "Made up: nobody takes complaints about this",
        },
        "communications": {
            "licence": "Made up: show a graph if you say that its data is made up",
            "citation": "Made up: nothing to cite, for the figures are about nobody",
        },
        "safeguarding": {"help": "Made up: no group is read here"},
        "lawful_basis": {"basis": "public_task", "jurisdictions": [MADE_UP]},
        "article_9_condition": {"condition": "research_9_2_j"},
        "dpia": {"residual_risk": "low", "prior_consultation": None},
        "platform_permission": {
            "platforms": {
                "whatsapp": {
                    "permission": MADE_UP,
                    "terms_sha256": digest,
                    "terms_checked_within_days": 40_000,
                    "kept_at_most_days": None,
                    "sharing": MADE_UP,
                }
            }
        },
        "notice": {
            "texts": {"en": digest},
            "claims": dict.fromkeys(CLAIMS, False),
            "tells": dict.fromkeys(TOLD, True),
            "promises": dict.fromkeys(PROMISES),
        },
        "scopes": {
            "member_bases": ["opt_in", "notice_with_objection"],
            "linkage": False,
            "linkage_consent": None,
        },
        "recipients": {"restricted": [MADE_UP]},
        "minors": {"no_age_inference": True},
        "risks_and_harms": {
            "risks": {
                one: {"likelihood": "low", "severity": "low", "mitigation": MADE_UP}
                for one in RISKS
            },
            "resistance_forecast": True,
        },
        "engagement": {"activities": [MADE_UP]},
        "development_plan": {"phase": "development"},
        "roles": {"people": people},
        "distributed_processing": {"where": "one_machine", "machines": [MADE_UP]},
        "group_shards": {"where": "one_machine", "machines": [MADE_UP]},
        "pulse": {
            "measures": "burnout",
            "question": "Made up, and no scale: in the last two weeks, how often was your work",
            "items": [{"text": text, "reversed": turned} for text, turned in _MADE_UP_ITEMS],
            "answers": ["Never", "Seldom", "Sometimes", "Often", "Always"],
        },
    }
    common = {
        "reference": MADE_UP,
        "decision": "approved",
        "decided_on": decided_on,
        "review_by": REVIEW_BY,
        "author": MADE_UP,
        "reviewer": "nobody, for it is made up",
    }
    entries = blank_entries(home.config, pulse=pulse, distributed=distributed, sharded=sharded)
    for name, entry in entries.items():
        given = {**common, **known.get(name, {})}
        for field, value in entry.items():
            entry[field] = given.get(field, MADE_UP if value == "TODO" else value)
    return entries
