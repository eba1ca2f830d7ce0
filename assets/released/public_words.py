"""Who answers for the figures, and on what terms: words of the register that every page shows."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PublicWords:
    """Empty where the register does not say.

    Attributes:
        controller: the data controller.
        sponsor: who sponsors or pays for the study.
        data_protection_officer: name or mailbox.
        lawful_basis: the basis under Art. 6 and the condition under Art. 9.
        complaints: to whom at the controller, and how.
        licence: under which licence and terms the figures are public.
        citation: how they are cited.
        help: where members find help, for nobody reads their messages.
    """

    controller: str = ""
    sponsor: str = ""
    data_protection_officer: str = ""
    lawful_basis: str = ""
    complaints: str = ""
    licence: str = ""
    citation: str = ""
    help: str = ""
