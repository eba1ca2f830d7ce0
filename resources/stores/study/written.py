"""A register as text: the template that a study fills in, with what is asked in words beside it."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, get_origin

import yaml

from assets.core.constructs import CONSTRUCTS
from assets.core.pulse_instrument import ITEMS
from assets.core.study_entries import (
    DISTRIBUTED_PROCESSING,
    GROUP_SHARDS,
    OPTIONAL,
    PULSE,
    PULSE_SURVEYS,
    STOPS,
)
from assets.released.method import METHODS
from assets.released.reviewed_facts import PUBLIC_FIELDS
from resources.base.home import HomeConfig
from resources.stores.study.entry_forms import (
    ALL_FORMS,
    COMMON,
    FORMS,
    OFFICES,
    RISKS,
    USES,
    Entry,
)
from resources.stores.study.models_in_use import models_in_use
from resources.stores.study.notice_facts import CLAIMS, Facts
from resources.stores.study.placeholders import is_no_contact
from resources.stores.study.register import FOR_ALL, FORM_VERSION

TODO = "TODO"
_WIDTH = 98
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_HEAD = """\
The study register of this home; docs/study.md says more. Fill in every TODO, then
`tideline study check`. Two people then approve it with `tideline study approve`; after any
change to an entry, both approve anew.

Every entry has these; what stands under for_all holds for entries that don't say otherwise:
"""
_TAIL = """
An entry that was refused, is a draft, holds a TODO, was not approved or is past its review stops
what stands behind it: collect, publish or both. Answer in sentences ("none" counts
as a TODO), and put a text that holds a colon in quotation marks.
"""
_PUBLIC = "[public: everybody can read it]"
_TELLS = {
    "controller_and_contact": "who is the controller, and how to reach them",
    "purpose": "what it is for",
    "what_is_read": "what is read, and what is made of it",
    "lawful_basis": "on which lawful basis",
    "retention": "how long things are kept",
    "recipients": "who gets anything",
    "how_to_object": "how to object, and how to leave",
    "how_to_complain": "how to complain to the controller, and to the ICO",
    "nobody_reads_this": "that nobody reads messages, and where to find help instead",
}
_PROMISES = {
    "exports_deleted_within_days": "until files are deleted (`inbox_lifetime_days`)",
    "scores_deleted_within_days": "until scores are deleted (`score_lifetime_days`)",
    "sender_digests_deleted_within_days": "until digests are (`member_record_lifetime_days`)",
    "surveys_deleted_within_days": "until answers to surveys are (`survey_lifetime_days`)",
    "days_to_object": "to object before the first reading (`cooling_off_days`)",
}


def blank_entries(
    config: HomeConfig, *, pulse: bool = False, distributed: bool = False, sharded: bool = False
) -> dict[str, dict[str, Any]]:
    """Every entry as a draft, with what the program and `home.yaml` can say by themselves.

    Args:
        config: of the home.
        pulse: whether there is to be a pulse, which a register may do without.
        distributed: whether other processes than the run's are to read groups, likewise.
        sharded: whether several runs are to share a region's groups, likewise.
    """
    optional = {PULSE: pulse, DISTRIBUTED_PROCESSING: distributed, GROUP_SHARDS: sharded}
    known = known_fields(config)
    if pulse:
        known["scopes"]["uses"] = [*USES, PULSE_SURVEYS]
        known[PULSE] = {"items": [{"text": TODO, "reversed": TODO} for _ in range(ITEMS)]}
    return {
        name: {
            field: known.get(name, {}).get(field, _blank(field, about.annotation))
            for field, about in form.model_fields.items()
        }
        for name, form in ALL_FORMS.items()
        if name in FORMS or optional[name]
    }


def _blank(field: str, kind: object) -> Any:
    if field == "decision":
        return "draft"
    return [TODO] if get_origin(kind) is list else TODO


def known_fields(config: HomeConfig) -> dict[str, dict[str, Any]]:
    """Fields that the program and `home.yaml` answer, or give the shape of."""
    return {
        "peer_review": {"methods": list(METHODS), "models": models_in_use()},
        "contact": {"contact": TODO if is_no_contact(config.contact) else config.contact},
        "platform_permission": {
            "platforms": {
                "whatsapp": {
                    "permission": TODO,
                    "terms_sha256": TODO,
                    "terms_checked_within_days": 7,
                    "kept_at_most_days": TODO,
                    "sharing": TODO,
                }
            }
        },
        "notice": {
            "texts": {"en": TODO},
            "claims": dict.fromkeys(CLAIMS, TODO),
            "promises": dict.fromkeys(_PROMISES, TODO),
            "tells": dict.fromkeys(_TELLS, TODO),
        },
        "scopes": {
            "regions": list(config.regions),
            "constructs": list(CONSTRUCTS),
            "uses": list(USES),
        },
        "retention": {
            **{
                name: getattr(config, name)
                for name in FORMS["retention"].model_fields
                if name in HomeConfig.model_fields
            },
            "published_values": "for ever",
        },
        "risks_and_harms": {
            "risks": {
                one: {"likelihood": TODO, "severity": TODO, "mitigation": TODO} for one in RISKS
            }
        },
        "roles": {"people": {f"{one}_name": {"role": one, "ssh_key": TODO} for one in OFFICES}},
    }


def written(
    entries: Mapping[str, Mapping[str, Any]],
    config: HomeConfig,
    *,
    made_up: bool = False,
    missing: Mapping[str, list[str]] | None = None,
) -> str:
    """A register as text, with comments.

    Args:
        entries: by name, each with all its fields.
        config: of the home.
        made_up: whether it is to say that all of it is.
        missing: by entry, what a comment names as missing.
    """
    common = [f"  {name}: {Entry.model_fields[name].description}" for name in COMMON]
    lines = [f"# {one}".rstrip() for one in (_HEAD + "\n".join(common) + _TAIL).splitlines()]
    for_all = _said_alike(entries)
    lines += ["", f"form: {FORM_VERSION}", f"made_up: {'true' if made_up else 'false'}"]
    lines += _dumped({"for_all": for_all}).splitlines() if for_all else []
    lines.append("entries:")
    notes = _notes(config)
    for name, form in ALL_FORMS.items():
        entry = entries.get(name)
        if entry is None:
            continue
        stops = "" if name in OPTIONAL else f"Stops {' and '.join(sorted(STOPS[name]))}."
        lines += ["", *_comment(" ".join([*(form.__doc__ or "").split(), stops]), 2)]
        if missing and missing.get(name):
            lines += _comment(f"MISSING: {', '.join(missing[name])}", 2)
        lines.append(f"  {name}:")
        for field, value in entry.items():
            if field in for_all and value == for_all[field]:
                continue
            if field in form.model_fields and field not in COMMON:
                public = f" {_PUBLIC}" if (name, field) in PUBLIC_FIELDS else ""
                lines += _comment(f"{form.model_fields[field].description or ''}{public}", 4)
            lines += _indented(field, value, notes if name == "notice" else {})
    return "\n".join(lines) + "\n"


def _said_alike(entries: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What most entries say alike, of the fields that can be written once."""
    found = {}
    for field in FOR_ALL:
        said = Counter(str(one.get(field)) for one in entries.values()).most_common(1)
        if said and said[0][1] > 1:
            found[field] = next(
                one[field] for one in entries.values() if str(one.get(field)) == said[0][0]
            )
    return found


def _notes(config: HomeConfig) -> dict[str, str]:
    """What stands behind a line of the notice."""
    facts = Facts(config, models_in_use(), None)
    # What depends on the scopes is told where they are.
    of_scopes = {"never_linked", "only_who_agreed"}
    said = {
        name: f"that {claim.says}"
        + ("" if name in of_scopes or claim.is_so(facts) else " (which is not so)")
        for name, claim in CLAIMS.items()
    }
    return {**said, **_PROMISES, **_TELLS}


def _comment(text: str, indent: int) -> list[str]:
    before = " " * indent + "# "
    return textwrap.wrap(text, _WIDTH, initial_indent=before, subsequent_indent=before)


def _dumped(value: Mapping[str, Any]) -> str:
    return yaml.dump(value, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=10_000)


def _indented(field: str, value: Any, notes: Mapping[str, str]) -> Iterator[str]:
    dumped = _dumped({field: value})
    for line in dumped.splitlines():
        note = notes.get(line.strip().partition(":")[0])
        yield f"    {line}" + (f"  # {note}" if note else "")
