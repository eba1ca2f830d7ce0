"""The words of the study register that may cross the wall: approved entries, listed fields."""

from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from assets.core.errors import StudyError
from assets.released.reviewed_facts import FROM_REGISTER
from resources.base.home import Home
from resources.stores.study import entry_forms as forms
from resources.stores.study.approvals import approved_entries
from resources.stores.study.public_events import signed_events
from resources.stores.study.public_words import public_words
from resources.stores.study.register import Register, file_of, read_register


@dataclass(frozen=True)
class SignedWords:
    """What the register says for everybody to read.

    Attributes:
        words: by name of `assets.released.reviewed_facts.WORDS`; what nobody approved is not there.
        register_digest: SHA-256 of the register as it was signed.
    """

    words: dict[str, Any]
    register_digest: str


def signed_words(home: Home) -> SignedWords | None:
    """Of a home's register and signed events; None where there is no register."""
    try:
        register = read_register(file_of(home))
    except StudyError:
        return None
    approved = approved_entries(home, register)
    words: dict[str, Any] = {
        name: said for name, said in asdict(public_words(home)).items() if said
    }
    for name, (entry, field) in FROM_REGISTER.items():
        if entry in approved:
            with suppress(StudyError):
                words[name] = _one_line(getattr(register.entry(forms.FORMS[entry]), field))
    for entry, name, of in (
        ("platform_permission", "platforms", _platforms),
        ("risks_and_harms", "risks", _risks),
    ):
        if entry in approved:
            with suppress(StudyError):
                words[name] = of(register)
    words["events"] = [
        {**asdict(one), "day": one.day.isoformat(), "regions": list(one.regions)}
        for one in signed_events(home, register)
    ]
    return SignedWords(words, register.digest(home))


def _platforms(register: Register) -> list[str]:
    return sorted(register.entry(forms.PlatformPermission).platforms)


def _risks(register: Register) -> list[dict[str, str]]:
    risks = register.entry(forms.RisksAndHarms).risks
    return [
        {
            "name": name.replace("_", " "),
            "likelihood": one.likelihood,
            "severity": one.severity,
            "mitigation": _one_line(one.mitigation),
        }
        for name, one in sorted(risks.items())
    ]


def _one_line(said: Any) -> Any:
    if isinstance(said, str):
        return " ".join(said.split())
    return [_one_line(one) for one in said]
