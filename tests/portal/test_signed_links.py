from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from assets.core.errors import StorageError
from resources.base.keys.signed_links import read, sign
from resources.stores.portal.invitations import (
    KEY_FILE,
    link_of,
    new_invitation,
    read_link,
    read_withdrawal,
    signing_key,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = (KEY.public_key(),)
MADE = new_invitation(
    "greater_london", "whatsapp", "e-0a1b2c3d", datetime(2027, 1, 1, tzinfo=UTC), None
)
LINK = link_of(KEY, MADE)
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\x00é"


def test_a_link_says_what_was_signed_and_nothing_personal() -> None:
    invited = read_link(PUBLIC, LINK)
    assert invited is not None
    assert invited.says == MADE
    assert read_withdrawal(PUBLIC, invited.withdrawal) == MADE.group_ref
    assert len(LINK) < 600


@given(st.integers(0, len(LINK) - 1), st.sampled_from(SIGNS))
def test_no_other_sign_at_any_place_is_taken(place: int, sign_there: str) -> None:
    changed = LINK[:place] + sign_there + LINK[place + 1 :]
    assert (read_link(PUBLIC, changed) is not None) == (changed == LINK)


@given(st.text(max_size=1300))
def test_no_text_is_a_link(written: str) -> None:
    assert read_link(PUBLIC, written) is None
    assert read_withdrawal(PUBLIC, written) is None


def test_what_is_signed_for_one_purpose_is_worth_nothing_for_another() -> None:
    parts = LINK.split(".")
    consent, withdrawal = ".".join(parts[:2]), ".".join(parts[2:])
    assert read_withdrawal(PUBLIC, consent) is None
    assert read_link(PUBLIC, f"{withdrawal}.{withdrawal}") is None
    other = link_of(KEY, new_invitation("a", "b", "e-0a1b2c3d", datetime.now(UTC)))
    # Another group's withdrawal beside this invitation.
    assert read_link(PUBLIC, f"{consent}.{other.split('.', 2)[2]}") is None
    assert read(PUBLIC, "deliver", sign(KEY, "withdraw", {})) is None
    stranger = Ed25519PrivateKey.generate()
    assert read_link(PUBLIC, link_of(stranger, MADE)) is None
    assert read_link((stranger.public_key(), *PUBLIC), LINK) is not None


def test_the_key_is_made_once_and_a_wrong_one_told(tmp_path) -> None:
    made = signing_key(tmp_path / "secrets")
    again = signing_key(tmp_path / "secrets")
    assert made.private_bytes_raw() == again.private_bytes_raw()
    path = tmp_path / "secrets" / KEY_FILE
    assert path.stat().st_mode & 0o077 == 0
    path.write_text("none")
    with pytest.raises(StorageError, match=r"^INVITATION_KEY_INVALID$"):
        signing_key(tmp_path / "secrets")


def test_an_invitation_s_moments_are_whole_seconds() -> None:
    expires = datetime(2027, 1, 1, 1, 2, 3, 456, tzinfo=UTC) + timedelta(hours=1)
    made = new_invitation("a", "b", "e-0a1b2c3d", expires)
    invited = read_link(PUBLIC, link_of(KEY, made))
    assert invited is not None
    assert invited.says.expires == made.expires
