"""Saying what a leaving deleted, and what is still to be deleted."""

from assets.core.errors import CATALOGUE
from orchestration.cli.console import screen
from resources.stores.leaving.leaving import Gone
from resources.stores.ledger import Kind

# Not sayings of members, nor counts of scrubbing, of which a day that was read anew has more: that
# anybody has objected is nobody's to know.
WORDS = {
    Kind.EXPORT_DELETED: "exports past their lifetime",
    Kind.EXPORT_PURGED: "exports of groups that left or asked",
    Kind.EXPORT_SPENT: "exports whose days have all settled",
    Kind.KEYS_DESTROYED: "keys of vectors",
    Kind.SCORES_DELETED: "scored group-days",
    Kind.SURVEYS_DELETED: "surveys",
    Kind.SENDERS_DELETED: "digests of senders",
    Kind.ORPHANS_DELETED: "keys and files without an owner",
    Kind.BACKUPS_DELETED: "backups that a migration made",
}


def say_what_would_go(stored: Gone) -> None:
    """Print how much there is to delete, and what could not be counted."""
    out = screen()
    for kind, words in WORDS.items():
        if stored.counts[kind]:
            out.print(f"To be deleted: {words}: {stored.counts[kind]}", markup=False)
    for code in dict.fromkeys(stored.failures):
        out.print(f"Not counted: {code}: {CATALOGUE[code].happened}", markup=False)
    if not stored.failures and not any(stored.counts[kind] for kind in WORDS):
        out.print("Nothing is stored of it that would be deleted.")


def say_what_is_gone(gone: Gone) -> None:
    """Print the counts, and what failed with its code and next step."""
    out = screen()
    for kind, words in WORDS.items():
        if gone.counts[kind]:
            out.print(f"Deleted: {words}: {gone.counts[kind]}", markup=False)
    for code in dict.fromkeys(gone.failures):
        out.print(f"Not deleted yet: {code}: {CATALOGUE[code].happened}", markup=False)
        out.print(CATALOGUE[code].next_step, markup=False)
    if gone.failures:
        out.print("It is recorded and holds all the same; `tideline lifetimes` deletes the rest.")
