"""Every error that Tideline raises: a class, a stable code, an exit status, and what to do.

An error carries its code and nothing made from data: no message, file name, author or value.
`docs/errors.md` is written from `CATALOGUE`, and a test keeps the two equal.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import yaml

from assets.core.study_entries import DETAILS, ENTRIES, REGISTER


@dataclass(frozen=True)
class CatalogueEntry:
    """One line of the catalogue.

    Attributes:
        exit_status: what the `tideline` command exits with, 3 to 14, one number for each kind.
        happened: what happened, for someone who has not read the code.
        next_step: what that person does next.
    """

    exit_status: int
    happened: str
    next_step: str


class TidelineError(Exception):
    """Base of all errors of Tideline. `str()` of one is its code.

    Args:
        code: a key of `CATALOGUE`; an unknown one is a `KeyError`, so that no free text gets in.
    """

    exit_status = 3

    def __init__(self, code: str) -> None:
        self.entry = CATALOGUE[code]
        self.code = code
        super().__init__(code)


class SetupError(TidelineError):
    """The home, its mode or its configuration is not what the command needs."""


class StudyError(SetupError):
    """The study register stops what was asked.

    Args:
        code: a key of `CATALOGUE`.
        entry: name of the entry of the register that stops it, or `REGISTER`.
        detail: one of `DETAILS`, where the entry says or lacks something in particular.

    Attributes:
        entry_name: as given.
        detail: as given.

    Raises:
        KeyError: for an entry or a detail that the program does not know, so that no free text
            gets in.
    """

    def __init__(self, code: str, entry: str = "", detail: str = "") -> None:
        super().__init__(code)
        if entry not in {"", REGISTER, *ENTRIES} or detail not in {"", *DETAILS}:
            raise KeyError
        self.entry_name = entry
        self.detail = detail
        self.args = (" ".join(filter(None, (code, entry, detail))),)


class ConsentError(TidelineError):
    """The consent register does not allow what was asked."""


class ExportError(TidelineError):
    """One export can't be read; the group is reported and the others go on."""


class ScrubError(TidelineError):
    """Scrubbing or its gate can't vouch for a group-day; nothing of it is stored."""


class StorageError(TidelineError):
    """A database, disk, key or store is not usable."""


class ReleaseError(TidelineError):
    """A region-day can't be released."""


class SealError(TidelineError):
    """Something would let text reach a log, so the program refuses to run."""


class PartitionError(TidelineError):
    """A day or region that can't be processed was asked for."""


class StepFailed(TidelineError):  # noqa: N818  (says what happened, as Dagster does)
    """A restricted step failed; see the codes by group reference in `tideline status`.

    Args:
        code: a key of `CATALOGUE`.
        origin: classes and places in our own files, such as `KeyError@assets/x.py:3`.
    """

    def __init__(self, code: str, origin: str = "") -> None:
        super().__init__(code)
        self.origin = origin
        self.args = (f"{code} {origin}".strip(),)


class TooFewDays(TidelineError):  # noqa: N818  (the design names it)
    """A series is too short or too patchy to forecast."""


class ForecastInputError(TidelineError, ValueError):
    """A history is not one that can be forecast."""


class PublicationError(TidelineError, ValueError):
    """What was handed over for publication can't be published as it is."""


class AuditError(TidelineError):
    """What was recorded is not as it was, or can't be shown to be."""


class ConnectorError(TidelineError):
    """A connector may not pull, or can't."""


_Told: TypeAlias = TidelineError | Callable[[BaseException], TidelineError]


class _Refusal(AbstractContextManager[None]):
    """See `refuse_as`."""

    def __init__(self, told: _Told, kinds: tuple[type[BaseException], ...]) -> None:
        self._told, self._kinds = told, kinds

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> None:
        if error is None or not isinstance(error, self._kinds):
            return
        refusal = self._told if isinstance(self._told, TidelineError) else self._told(error)
        # A traceback keeps the locals of its frames.
        del error, _
        try:
            raise refusal
        except TidelineError:
            # What is raised while another is handled gets it as its context; raised again, not.
            refusal.__context__ = None
            raise


def refuse_as(told: _Told, *kinds: type[BaseException]) -> AbstractContextManager[None]:
    """Let errors of these kinds leave a block as one of ours, which keeps nothing of them.

    The words of a library's error may be a message's, and `raise ... from None` hides them in the
    context without letting go of them. The innermost of several blocks that fits decides. Inside a
    generator that is a context manager, contextlib's frame holds the other error until the
    traceback goes, as it does where the guard lets a step's error out.

    Args:
        told: the error to raise, or what makes it from the other's class or number.
        kinds: classes of errors; all others pass.
    """
    return _Refusal(told, kinds)


_KINDS = (
    "setup",
    "consent",
    "export",
    "scrub",
    "storage",
    "release",
    "seal",
    "partition",
    "step",
    "forecast",
    "audit",
    "connect",
)
_FIRST_EXIT_STATUS = 3
# Every command reads the catalogue, and libyaml's loader does so in a tenth of the time;
# both are safe.
_LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _read_catalogue() -> dict[str, CatalogueEntry]:
    written = yaml.load(Path(__file__).with_suffix(".yaml").read_text("utf-8"), _LOADER)  # noqa: S506
    return {
        code: CatalogueEntry(exit_status=_FIRST_EXIT_STATUS + _KINDS.index(kind), **words)
        for kind, entries in written.items()
        for code, words in entries.items()
    }


CATALOGUE = _read_catalogue()
"""Every code, from `errors.yaml`."""


def code_and_remedy(code: str) -> str:
    """A code and what to do next, as the web UI shows them: `EXPORT_GONE: Ask for ...`."""
    return f"{code}: {CATALOGUE[code].next_step}"


CODES_AND_REMEDIES = frozenset(code_and_remedy(code) for code in CATALOGUE)
"""All that `code_and_remedy` can say, which the sealed event log lets pass."""
