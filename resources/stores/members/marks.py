"""Identities as keyed digests: what may be stored of a member, and what can still be compared."""

import hmac
from dataclasses import dataclass, field

from resources.stores.members.identity import (
    Identity,
    folded,
    identities_of_names,
    identity_of,
    plain,
)

_SEPARATOR = "\0"
_MOST_PARTS, _MOST_LETTERS = 6, 2
"""Of a claimed name: more would mean half a group at once."""


@dataclass(frozen=True)
class Marks:
    """HMAC-SHA256 digests of an identity in one group, as 64 hex digits each.

    Attributes:
        parts: of each part of the name, with that of its first letter.
        joined: of the whole name without spaces; None without a name.
        number: of the telephone number, else of the platform's id of the person; None without
            either.
    """

    parts: frozenset[tuple[str, str]] = field(repr=False)
    joined: str | None = field(repr=False)
    number: str | None = field(repr=False)

    def may_be(self, other: "Marks") -> bool:
        """Whether both may be one person: in doubt they may.

        The numbers agree, or the whole names do, or each part of the shorter name is a part, or
        the first letter of a part, of the longer.
        """
        if self.number is not None and self.number == other.number:
            return True
        if self.joined is None or other.joined is None:
            return False
        return (
            self.joined == other.joined
            or _within(self.parts, other.parts)
            or _within(other.parts, self.parts)
        )

    def may_be_claimed(self, claim: "Marks") -> bool:
        """Whether a claim by somebody unknown may mean this person: in doubt it may.

        A claim of letters alone, or of a whole list of names, means whoever is called exactly so.
        """
        letters = sum(full == first for full, first in claim.parts)
        if len(claim.parts) <= _MOST_PARTS and letters <= min(_MOST_LETTERS, len(claim.parts) - 1):
            return self.may_be(claim)
        if self.number is not None and self.number == claim.number:
            return True
        return self.joined is not None and self.joined == claim.joined

    def within(self, other: "Marks") -> bool:
        """Whether both have a name, and each part of this one is in the other."""
        return bool(self.parts) and _within(self.parts, other.parts)

    def same_name(self, other: "Marks") -> bool:
        """Whether both have a name, of the same parts."""
        return bool(self.parts) and self.parts == other.parts

    def same(self, other: "Marks") -> bool:
        """Whether both are the same identity, name and number."""
        return self.parts == other.parts and self.number == other.number


def _within(shorter: frozenset[tuple[str, str]], longer: frozenset[tuple[str, str]]) -> bool:
    # A part of one letter has its own digest as that of its first letter.
    return all(
        any(full in {other, its_first} or first == other for other, its_first in longer)
        for full, first in shorter
    )


class Marker:
    """Makes the marks of one group's members; the same person in another group has others.

    Args:
        key: 32 bytes, kept outside the database.
        group_ref: the group.
    """

    def __init__(self, key: bytes, group_ref: str) -> None:
        self._key = key
        self._group_ref = group_ref
        self._known: dict[str, Marks] = {}
        self._senders: dict[str, str] = {}

    def tell(self, label: str, marks: Marks, sender: str) -> None:
        """Take a label that stands in an export in place of a name for the one who bears it.

        Args:
            label: as written, such as "You".
            marks: who it is.
            sender: the digest of that sender.
        """
        self._known[label] = marks
        self._senders[label] = sender

    def marks_of(self, written: str) -> Marks:
        """Marks of a person as written; remembered, for a chat names the same people often."""
        known = self._known.get(written)
        if known is None:
            known = self._known[written] = self.marks(identity_of(written))
        return known

    def marks(self, identity: Identity) -> Marks:
        """Marks of an identity."""
        number = self.number(identity.number) if identity.number else None
        if number is None and identity.account is not None:
            number = self._digest("account", identity.account)
        return Marks(
            parts=frozenset((self.part(one), self.part(one[0])) for one in identity.parts),
            joined=self.joined(identity.joined) if identity.joined else None,
            number=number,
        )

    def part(self, folded: str) -> str:
        """Digest of one folded part of a name."""
        return self._digest("part", folded)

    def joined(self, folded: str) -> str:
        """Digest of a whole folded name without spaces."""
        return self._digest("joined", folded)

    def number(self, digits: str) -> str:
        """Digest of a number with its country code."""
        return self._digest("number", digits)

    def sender(self, written: str) -> str:
        """One digest of a sender's whole identity; by the platform's id alone where it has one."""
        if written in self._senders:
            return self._senders[written]
        identity = identity_of(written)
        if identity.account is not None:
            return self._digest("sender of account", identity.account)
        return self._digest("sender", *sorted(identity.parts), identity.number or "")

    def name(self, written: str) -> str:
        """One digest of a person's name alone; `""` without a name.

        Letters and parts in any order make no difference, as for `Marks.same_name`.
        """
        return self._name(self.marks_of(written))

    def names(self, written: str) -> frozenset[str]:
        """That of all that a person is called, and of each name by itself where there are several.

        Returns:
            At least one; `""` alone for a person without a name.
        """
        every = {self.name(written)}
        if written not in self._senders:
            every |= {self._name(self.marks(one)) for one in identities_of_names(written)}
        return frozenset(every - {""} or {""})

    def _name(self, marks: Marks) -> str:
        parts = sorted(full for full, _ in marks.parts)
        return self._digest("name", *parts) if parts else ""

    def chat(self, written: str) -> str:
        """Digest of a chat's id or title, by which a consent knows the chat in a larger export."""
        return self._digest("chat", " ".join(folded(plain(written)).split()))

    def key_for(self, use: str) -> bytes:
        """A key of 32 bytes for another use in the same group."""
        return bytes.fromhex(self._digest("key", use))

    def proof(self, content: str) -> str:
        """A digest that only a holder of the key can make."""
        return self._digest("proof", content)

    def proves(self, content: str, proof: str) -> bool:
        """Whether a proof is that of this content."""
        return hmac.compare_digest(self.proof(content).encode(), proof.encode())

    def _digest(self, *what: str) -> str:
        message = _SEPARATOR.join((self._group_ref, *what)).encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, message, "sha256").hex()
