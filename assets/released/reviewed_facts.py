"""What crosses the wall besides values: facts by name, each of one kind and shape, nothing else.

Left of the wall `assets.restricted.reviewed_facts` writes them into `release.reviewed_facts`; right
of it the records are made of them. A name that does not stand here crosses in neither direction.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from assets.core.errors import PublicationError
from assets.released.public_words import PublicWords

Kind = Literal["words", "setting", "model", "quarter"]

LONGEST = 4000
"""Characters of one text: as many as an entry of the study register may have."""

_CLOSED = ConfigDict(extra="forbid")
_Text = Annotated[str, StringConstraints(max_length=LONGEST)]
_Texts = Annotated[list[_Text], Field(max_length=100)]
_Short = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:, ()/-]{0,64}$")]
_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Days = Annotated[int, Field(strict=True, ge=0, le=40_000)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Platforms = Annotated[list[_Short], Field(max_length=20)]

PHASES = (
    "idea",
    "design",
    "development",
    "private beta",
    "public beta",
    "production",
    "retired",
)
"""Of the Algorithmic Transparency Recording Standard, version 4.0."""

NONE, SOME = "none", "some"
"""Whether there was an incident; of one length, as the bands."""

WITHDRAWAL_BANDS: Mapping[int, str] = {
    0: "fewer than 10",
    10: "from 10 to 24",
    25: "from 25 to 49",
    50: "fifty or more",
}
"""By the least number in it; all of one length, so that no file's size tells which."""


class Risk(TypedDict):
    """One harm that the register deals with."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]

    name: _Short
    likelihood: Literal["low", "medium", "high"]
    severity: Literal["low", "medium", "high"]
    mitigation: _Text


class Performance(TypedDict):
    """How a model did on one corpus: the area under the curve, with its 95% interval."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]

    corpus: _Short
    construct: _Short
    area: _Share
    low: _Share
    high: _Share
    messages: Annotated[int, Field(strict=True, ge=0)]


class Model(TypedDict):
    """One model that serves."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]

    version: _Short
    sha256: _Sha256
    performance: Annotated[list[Performance], Field(max_length=100)]


class Quarter(TypedDict):
    """A calendar quarter that has ended; drawn once and never changed."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]

    withdrawals: Literal["fewer than 10", "from 10 to 24", "from 25 to 49", "fifty or more"]
    incidents: Literal["none", "some"]
    regulator_told: Literal["none", "some"]


class Event(TypedDict):
    """A public event that graphs mark."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]

    day: date
    kind: _Short
    words: _Text
    source: _Text
    regions: _Texts


FROM_REGISTER: Mapping[str, tuple[str, str]] = {
    "need": ("need_and_benefit", "need"),
    "users": ("need_and_benefit", "users"),
    "public_benefit": ("need_and_benefit", "public_benefit"),
    "alternatives": ("alternatives", "considered"),
    "prior_use": ("alternatives", "prior_use"),
    "quality_plan": ("quality_plan", "plan"),
    "limitations": ("quality_plan", "limitations"),
    "peer_review": ("peer_review", "finding"),
    "lawful_basis_reasons": ("lawful_basis", "reasons"),
    "article_9_reasons": ("article_9_condition", "reasons"),
    "why_personal_data": ("article_84_safeguards", "why_personal_data"),
    "no_substantial_damage": ("article_84_safeguards", "no_substantial_damage"),
    "no_decisions_about_people": ("article_84_safeguards", "no_decisions_about_people"),
    "minimisation": ("article_84_safeguards", "minimisation"),
    "residual_risk": ("dpia", "residual_risk"),
    "ethics_committee": ("ethics", "committee"),
    "notice_version": ("notice", "version"),
    "uses": ("scopes", "uses"),
    "restricted_recipients": ("recipients", "restricted"),
    "public_recipients": ("recipients", "public"),
    "minors": ("minors", "measures"),
    "engagement": ("engagement", "activities"),
    "feedback": ("engagement", "feedback"),
    "experimental_wording": ("communications", "wording"),
    "phase": ("development_plan", "phase"),
    "plan": ("development_plan", "plan"),
    "ends": ("development_plan", "ends"),
}
"""Words that cross by themselves: name to entry and field of the study register, which two people
signed. Nobody's name is among them: not who wrote, reviewed, signed off or approved."""

PUBLIC_FIELDS = frozenset(
    {
        *FROM_REGISTER.values(),
        ("controller_and_sponsor", "controller"),
        ("controller_and_sponsor", "sponsor"),
        ("controller_and_sponsor", "data_protection_officer"),
        ("lawful_basis", "basis"),
        ("article_9_condition", "condition"),
        ("contact", "contact"),
        ("contact", "complaints"),
        ("communications", "licence"),
        ("communications", "citation"),
        ("safeguarding", "help"),
        ("platform_permission", "platforms"),
        ("risks_and_harms", "risks"),
    }
)
"""Entry and field of all that everybody can read, of platforms the names alone."""

_PAGE_WORDS = tuple(PublicWords.__dataclass_fields__)
_LISTS = frozenset({"users", "alternatives", "uses", "restricted_recipients", "engagement"})

WORDS: Mapping[str, Any] = {
    **dict.fromkeys(_PAGE_WORDS, _Text),
    **{name: _Texts if name in _LISTS else _Text for name in FROM_REGISTER},
    "phase": Literal[PHASES],  # type: ignore[valid-type]
    "platforms": list[_Short],
    "risks": list[Risk],
    "events": list[Event],
}
"""Name to shape, of all that the register and the signed events say for everybody to read."""

SETTINGS: Mapping[str, Any] = {
    "close_after_days": _Days,
    "inbox_lifetime_days": _Days,
    "score_lifetime_days": _Days,
    "member_record_lifetime_days": _Days,
    "survey_lifetime_days": _Days,
    "cooling_off_days": _Days,
    "vector_keys_until": Literal["release", "scoring"],
    "member_bases": list[Literal["notice_with_objection", "opt_in"]],
}
"""Name to shape, as `home.yaml` has them."""

WHERE_CONFIGURED: Mapping[str, Any] = {"connectors": _Platforms}
"""Name to shape, of what only a home has that configured it: which platforms a program asks by
itself."""

MODELS = ("name_tagger", "sentence_encoder", "construct_model")
QUARTER = r"^[0-9]{4}-Q[1-4]$"


@dataclass(frozen=True, kw_only=True)
class Since:
    """What was so from a day on.

    Attributes:
        what: `phase` or the name of a model.
        is_now: the phase, or version of the model.
        sha256: of the model; empty for a phase.
        since: ISO day on which it was recorded.
    """

    what: str
    is_now: str
    sha256: str
    since: str


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """The facts that stand, each as it was recorded last.

    Attributes:
        words: see `WORDS`; what the register never said is not there.
        settings: see `SETTINGS` and `WHERE_CONFIGURED`.
        models: by name, see `Model`.
        quarters: by name such as `2026-Q3`, see `Quarter`.
        history: phases and models from the first on, so that what was replaced stays visible.
    """

    words: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    models: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    quarters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    history: tuple[Since, ...] = ()

    def page_words(self) -> PublicWords:
        """Those of the words that every page shows."""
        return PublicWords(**{name: self.words.get(name, "") for name in _PAGE_WORDS})


def checked(kind: str, name: str, value: object) -> Any:
    """A fact as JSON takes it, if it may cross.

    Raises:
        PublicationError: `FACT_NOT_ALLOWED` for a name that is not listed, or another shape.
    """
    shape = _shape(kind, name)
    if shape is None:
        raise PublicationError("FACT_NOT_ALLOWED")
    try:
        return shape.dump_python(shape.validate_python(value), mode="json")
    except ValidationError:
        pass
    raise PublicationError("FACT_NOT_ALLOWED")


def standing(rows: Iterable[tuple[str, str, object, date]]) -> Reviewed:
    """The facts that stand.

    Args:
        rows: kind, name, value and day of each fact, in the order in which they were recorded.

    Raises:
        PublicationError: `FACT_NOT_ALLOWED`.
    """
    found: dict[str, dict[str, Any]] = {"words": {}, "setting": {}, "model": {}, "quarter": {}}
    history: list[Since] = []
    for kind, name, value, day in rows:
        fact = checked(kind, name, value)
        found[kind][name] = fact
        if kind == "model":
            history.append(_since(name, fact["version"], fact["sha256"], day))
        elif name == "phase":
            history.append(_since(name, fact, "", day))
    return Reviewed(
        words=found["words"],
        settings=found["setting"],
        models=found["model"],
        quarters=found["quarter"],
        history=tuple(history),
    )


def written(reviewed: Reviewed) -> bytes:
    """As a file; the same bytes for the same facts."""
    text = json.dumps(asdict(reviewed), indent=1, ensure_ascii=False, sort_keys=True)
    return f"{text}\n".encode()


def read(content: bytes) -> Reviewed:
    """From what `written` gave.

    Raises:
        PublicationError: `FACT_NOT_ALLOWED`.
        ValueError, TypeError, LookupError: where it is no such file.
    """
    said = json.loads(content)
    kinds = {"words": "words", "settings": "setting", "models": "model", "quarters": "quarter"}
    facts = {
        part: {name: checked(kind, name, one) for name, one in said[part].items()}
        for part, kind in kinds.items()
    }
    return Reviewed(**facts, history=tuple(Since(**one) for one in said["history"]))


def _since(what: str, is_now: str, sha256: str, day: date) -> Since:
    return Since(what=what, is_now=is_now, sha256=sha256, since=day.isoformat())


@cache
def _shape(kind: str, name: str) -> TypeAdapter[Any] | None:
    if kind == "quarter":
        return TypeAdapter(Quarter) if re.fullmatch(QUARTER, name) else None
    known: Mapping[str, Mapping[str, Any]] = {
        "words": WORDS,
        "setting": {**SETTINGS, **WHERE_CONFIGURED},
        "model": dict.fromkeys(MODELS, Model),
    }
    shape = known.get(kind, {}).get(name)
    return None if shape is None else TypeAdapter(shape)
