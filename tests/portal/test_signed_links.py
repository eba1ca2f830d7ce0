from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from assets.core.errors import SetupError, StorageError
from resources.base.keys.link_keys import Signs, put_back, signing_keys
from resources.base.keys.signed_links import SigningKeys, VerifyingKeys, read, sign, written_public
from resources.stores.portal.invitations import link_of, new_invitation, read_link, read_withdrawal

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LEAVE = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
KEYS = SigningKeys(KEY, LEAVE)
LEAVING = (LEAVE.public_key(),)
PUBLIC = VerifyingKeys((KEY.public_key(),), LEAVING)
MADE = new_invitation(
    "greater_london", "whatsapp", "e-0a1b2c3d", datetime(2027, 1, 1, tzinfo=UTC), None
)
LINK = link_of(KEYS, MADE)
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\x00é"


def test_a_link_says_what_was_signed_and_nothing_personal() -> None:
    invited = read_link(PUBLIC, LINK)
    assert invited is not None
    assert invited.says == MADE
    assert read_withdrawal(LEAVING, invited.withdrawal) == MADE.group_ref
    assert len(LINK) < 600


@given(st.integers(0, len(LINK) - 1), st.sampled_from(SIGNS))
def test_no_other_sign_at_any_place_is_taken(place: int, sign_there: str) -> None:
    changed = LINK[:place] + sign_there + LINK[place + 1 :]
    assert (read_link(PUBLIC, changed) is not None) == (changed == LINK)


@given(st.text(max_size=1300))
def test_no_text_is_a_link(written: str) -> None:
    assert read_link(PUBLIC, written) is None
    assert read_withdrawal(LEAVING, written) is None


def test_what_is_signed_for_one_purpose_is_worth_nothing_for_another() -> None:
    parts = LINK.split(".")
    consent, withdrawal = ".".join(parts[:2]), ".".join(parts[2:])
    assert read_withdrawal(LEAVING, consent) is None
    assert read_link(PUBLIC, f"{withdrawal}.{withdrawal}") is None
    other = link_of(KEYS, new_invitation("a", "b", "e-0a1b2c3d", datetime.now(UTC)))
    # Another group's withdrawal beside this invitation.
    assert read_link(PUBLIC, f"{consent}.{other.split('.', 2)[2]}") is None
    assert read(LEAVING, "deliver", sign(LEAVE, "withdraw", {})) is None


def test_a_key_signs_its_own_kind_of_link_alone() -> None:
    stranger = Ed25519PrivateKey.generate()
    for keys in (
        SigningKeys(stranger, stranger),
        SigningKeys(LEAVE, KEY),
        # Whoever stole the key that invites, and not the other, makes no whole invitation.
        SigningKeys(KEY, stranger),
        SigningKeys(KEY, KEY),
        SigningKeys(stranger, LEAVE),
    ):
        assert read_link(PUBLIC, link_of(keys, MADE)) is None
    assert read_withdrawal(LEAVING, sign(KEY, "withdraw", {"group": MADE.group_ref})) is None
    both = VerifyingKeys((stranger.public_key(), *PUBLIC.invitations), LEAVING)
    assert read_link(both, LINK) is not None


def test_each_key_is_made_once_and_a_wrong_one_told(tmp_path) -> None:
    folder = tmp_path / "secrets"
    made, again = signing_keys(folder), signing_keys(folder)
    assert made.invitations.private_bytes_raw() == again.invitations.private_bytes_raw()
    assert made.withdrawals.private_bytes_raw() == again.withdrawals.private_bytes_raw()
    assert made.invitations.private_bytes_raw() != made.withdrawals.private_bytes_raw()
    for which in Signs:
        path = folder / which.value.file
        assert path.stat().st_mode & 0o077 == 0
        right = path.read_text()
        for wrong in ("none", "AAAA", "\u00e9"):
            path.write_text(wrong)
            with pytest.raises(StorageError, match=rf"^{which.value.invalid}$"):
                signing_keys(folder)
        path.write_text(right)


def test_a_revoked_key_is_replaced_and_one_of_the_environment_told(tmp_path, monkeypatch) -> None:
    made = signing_keys(tmp_path)
    revoked = written_public(made.invitations)
    after = signing_keys(tmp_path, {revoked})
    assert written_public(after.invitations) not in {revoked, written_public(made.withdrawals)}
    assert written_public(after.withdrawals) == written_public(made.withdrawals)
    # The key that lets withdraw is never replaced, whatever is said of it.
    kept = signing_keys(tmp_path, {written_public(made.withdrawals)})
    assert written_public(kept.withdrawals) == written_public(made.withdrawals)
    given = (tmp_path / Signs.INVITATIONS.value.file).read_text()
    monkeypatch.setenv(Signs.INVITATIONS.value.variable, given)
    with pytest.raises(SetupError, match=r"^KEY_REVOKED$"):
        signing_keys(tmp_path, {written_public(after.invitations)})


def test_a_key_that_is_there_is_not_put_back_over(tmp_path) -> None:
    made = signing_keys(tmp_path / "one")
    written = (tmp_path / "one" / Signs.WITHDRAWALS.value.file).read_text()
    put_back(Signs.WITHDRAWALS, tmp_path / "two", written)
    two = signing_keys(tmp_path / "two")
    assert written_public(two.withdrawals) == written_public(made.withdrawals)
    other = signing_keys(tmp_path / "three")
    put_back(Signs.WITHDRAWALS, tmp_path / "three", written)
    three = signing_keys(tmp_path / "three")
    assert written_public(three.withdrawals) == written_public(other.withdrawals)
    with pytest.raises(StorageError, match=r"^WITHDRAWAL_KEY_INVALID$"):
        put_back(Signs.WITHDRAWALS, tmp_path / "four", "none")


def test_an_invitation_s_moments_are_whole_seconds() -> None:
    expires = datetime(2027, 1, 1, 1, 2, 3, 456, tzinfo=UTC) + timedelta(hours=1)
    made = new_invitation("a", "b", "e-0a1b2c3d", expires)
    invited = read_link(PUBLIC, link_of(KEYS, made))
    assert invited is not None
    assert invited.says.expires == made.expires
