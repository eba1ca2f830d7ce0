"""What the register says for everybody to read: the page and the data package show it."""

from contextlib import suppress
from dataclasses import fields, replace

from assets.core.errors import StudyError
from assets.released.public_words import PublicWords
from resources.base.home import Home
from resources.stores.study import entry_forms as forms
from resources.stores.study.approvals import approved_entries
from resources.stores.study.register import Register, file_of, read_register

_BASES = {
    "public_task": "a task in the public interest, Art. 6(1)(e) UK GDPR",
    "legitimate_interests": "legitimate interests, Art. 6(1)(f) UK GDPR",
    "consent": "consent, Art. 6(1)(a) UK GDPR",
}
_CONDITIONS = {
    "research_9_2_j": "research, Art. 9(2)(j)",
    "explicit_consent_9_2_a": "explicit consent, Art. 9(2)(a)",
    "public_interest_9_2_g": "substantial public interest, Art. 9(2)(g)",
}


def public_words(home: Home) -> PublicWords:
    """Of a home's register, its approved entries; what has no approved entry is empty.

    The gate lets nobody publish with another register; but taking back asks no gate.
    """
    try:
        register = read_register(file_of(home))
    except StudyError:
        return PublicWords()
    approved = approved_entries(home, register)
    register = replace(
        register,
        entries={name: one for name, one in register.entries.items() if name in approved},
    )
    said = PublicWords()
    with suppress(StudyError):
        who = register.entry(forms.ControllerAndSponsor)
        said = replace(
            said,
            controller=who.controller,
            sponsor=who.sponsor,
            data_protection_officer=who.data_protection_officer,
        )
    with suppress(StudyError):
        said = replace(said, lawful_basis=_lawful_basis(register))
    with suppress(StudyError):
        said = replace(said, complaints=register.entry(forms.Contact).complaints)
    with suppress(StudyError):
        words = register.entry(forms.Communications)
        said = replace(said, licence=words.licence, citation=words.citation)
    with suppress(StudyError):
        said = replace(said, help=register.entry(forms.Safeguarding).help)
    one_line = {one.name: " ".join(getattr(said, one.name).split()) for one in fields(said)}
    return PublicWords(**one_line)


def _lawful_basis(register: Register) -> str:
    basis = _BASES[register.entry(forms.LawfulBasis).basis]
    condition = _CONDITIONS[register.entry(forms.Article9Condition).condition]
    made_up = "made up: " if register.made_up else ""
    return f"{made_up}{basis}, and for what people say of their health: {condition}"
