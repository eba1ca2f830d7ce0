"""Making a home anew from a backup: whole, or nothing that anyone could take for a home."""

import secrets
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

import yaml
from sqlalchemy.engine import URL

from assets.core.errors import SetupError, StorageError, TidelineError, refuse_as
from orchestration.after_restore import Aftermath, bring_up_to_date
from orchestration.cli.undo import nothing_left_behind
from orchestration.instance_files import write_instance_configuration
from orchestration.key_rotation import know_later_master, record_inbox_put_back
from resources.base.clock import Clock
from resources.base.database.migrations import is_known
from resources.base.database.postgres import postgres_url, stop_embedded
from resources.base.database.roles import configured_url, owner_url
from resources.base.files import (
    PASSABLE_FOLDER,
    PUBLIC_FILE,
    PUBLIC_FOLDER,
    make_folder,
    new_private_file,
    write_once,
)
from resources.base.home import (
    Home,
    HomeConfig,
    change_recipient,
    inbox_beside,
    load_home,
    secrets_beside,
)
from resources.base.keys.long_lived_keys import LongLived, load_identity, load_key, recipient_of
from resources.maintenance import database_restore
from resources.maintenance.backup_archive import (
    DATABASE,
    Manifest,
    check_archive,
    files_in,
    unsealed,
)
from resources.maintenance.home_contents import RESTORING
from resources.stores.consent.key_lines import newest_of_sort, require_newest
from resources.stores.consent.leaving_journal import LeavingJournal
from resources.stores.leaving.offered_journals import Journals
from resources.stores.portal.of_home import PortalOfHome
from resources.stores.study.older_record import KEPT_AS

Progress = Callable[[str], AbstractContextManager[object]]
_COPY = 1 << 20
_STRAIGHT_INTO_THE_HOME = frozenset({"study.yaml", KEPT_AS})
_NAME = "name"
"""File with the restore's name, by which it is known when it is begun again."""


@dataclass(frozen=True)
class Offer:
    """What a home is restored from.

    Attributes:
        file: a backup.
        identity: of age, for a sealed one.
        journals: folder of newer journals; None if there are none, so that what was withdrawn,
            objected to and drawn since the backup is forgotten.
        inbox: where the inbox is now; None for where it was, or beside the home.
        trust_keys: whether keys are put to use that the journals don't show to be the newest.
    """

    file: Path
    identity: str | None
    journals: Path | None
    inbox: str | None
    trust_keys: bool = False


@dataclass(frozen=True)
class Restored:
    """A restored home.

    Attributes:
        home: the home.
        manifest: of the backup.
        after: what it was told of the time since.
        keys_missing: whether keys are still to be put back.
        settings_outdated: whether its portal's settings name a key that was revoked since.
    """

    home: Home
    manifest: Manifest
    after: Aftermath
    keys_missing: bool
    settings_outdated: bool


def restore(offer: Offer, root: Path, clock: Clock, progress: Progress) -> Restored:
    """Make a home of a backup, in an empty folder and an empty database.

    Killed at any moment it leaves no home, and can be begun again.

    Raises:
        SetupError: `HOME_EXISTS`, `HOME_NOT_EMPTY`, `FILE_NOT_FOUND`, `BACKUP_SEALED`,
            `KEYS_OF_ANOTHER_HOME`, `HOME_CONFIG_INVALID`, what `require_newest` raises.
        StorageError: `BACKUP_DAMAGED`, `DATABASE_OF_ANOTHER_VERSION`, `JOURNALS_NOT_NEWER`, and
            what `make_folder`, `write_once`, `postgres_url` and `database_restore.fill` raise.
            Then nothing of the home is left.
    """
    name = _clear(root) or secrets.token_hex(8)
    staging = root / RESTORING
    with nothing_left_behind(root) as undo:
        make_folder(root, PASSABLE_FOLDER)
        make_folder(staging)
        write_once(staging / _NAME, name.encode("ascii"))
        with progress("checking the backup"):
            tar = unsealed(offer.file, staging / "backup.tar", offer.identity)
            manifest = check_archive(tar)
            if not is_known(manifest.version):
                raise StorageError("DATABASE_OF_ANOTHER_VERSION")
            found = _refuse_other_keys(secrets_beside(root), manifest)
        with progress("writing the home's files"):
            _extract(tar, root, staging)
            home = Home(root, _config(staging, offer, root, manifest))
            newest = _journals(offer, staging)
            recipient = _newest_recipient(offer, home, found, newest)
            if recipient != home.config.inbox_recipient:
                change_recipient(Home(staging, home.config), recipient)
            newest.copy_to(Journals(home.leaving_journal, home.release_journal))
            for folder in (home.keys, home.vectors, home.dagster, home.backups):
                make_folder(folder)
            make_folder(home.public, PUBLIC_FOLDER)
        undo.callback(stop_embedded, home.postgres)
        url = postgres_url(home.postgres)
        owner = owner_url(url)
        undo.callback(database_restore.take_back, owner, name)
        with progress("filling the database"):
            database_restore.fill(owner, staging / DATABASE, name)
            know_later_master(home, owner, clock.now(), trusted=offer.trust_keys)
            if recipient != home.config.inbox_recipient:
                record_inbox_put_back(owner, clock.now())
        with progress("bringing the home up to date"):
            write_instance_configuration(home)
            draws_known = offer.journals is not None and newest.release.is_file()
            after = bring_up_to_date(home, url, clock, draws_known=draws_known)
        _finish(staging, home, owner, name)
    return Restored(home, manifest, after, found.some_missing, _names_revoked(home))


def tell_restored(
    home: Home, url: URL, clock: Clock, journals: Path | None, *, trust_keys: bool = False
) -> Aftermath:
    """Go on with a home whose files and database came back by other means.

    Args:
        home: the home; what its keys don't open any more is lost.
        url: its database.
        clock: for what is past its time.
        journals: folder of the newest journals, which may be the home; None if there are none.
        trust_keys: as `Offer.trust_keys`.

    Raises:
        SetupError: `FILE_NOT_FOUND` where there is no journal; what `require_newest` raises.
        StorageError: `JOURNALS_NOT_NEWER`, and what `bring_up_to_date` raises.
    """
    own = Journals(home.leaving_journal, home.release_journal)
    newest = own if journals is None else Journals.of(journals)
    if journals is not None:
        newest.require_newer(own)
        newest.copy_to(own)
    know_later_master(home, owner_url(url), clock.now(), trusted=trust_keys)
    draws_known = journals is not None and newest.release.is_file()
    return bring_up_to_date(home, url, clock, draws_known=draws_known, with_scores=True)


def _clear(root: Path) -> str | None:
    """Refuse a folder that something lies in, but for what a restore left that was cut off.

    Returns:
        That restore's name; None if there was none.
    """
    if (root / "home.yaml").exists():
        raise SetupError("HOME_EXISTS")
    try:
        there = list(root.iterdir())
    except FileNotFoundError:
        there = []
    if not there:
        return None
    if not (root / RESTORING).is_dir():
        raise SetupError("HOME_NOT_EMPTY")
    if (root / "postgres").is_dir() and configured_url("TIDELINE_PG_URL") is None:
        # Its server may have outlived the restore.
        with suppress(TidelineError):
            postgres_url(root / "postgres")
        stop_embedded(root / "postgres")
    name = None
    with suppress(OSError):
        name = (root / RESTORING / _NAME).read_text("ascii")
    for path in there:
        if path.name != RESTORING:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in (root / RESTORING).iterdir():
        # Its name goes last of all, when the restore is whole.
        if path.name != _NAME:
            path.unlink()
    return name


def _extract(tar: Path, root: Path, staging: Path) -> None:
    for name, content in files_in(tar):
        if name.parts[0] == "public":
            _write_public(root, name, content)
        elif str(name) == DATABASE:
            with new_private_file(staging / DATABASE) as out:
                shutil.copyfileobj(content, out, _COPY)
        elif len(name.parts) == 1 and name.name not in _STRAIGHT_INTO_THE_HOME:
            write_once(staging / name, content.read())
        else:
            make_folder((root / name).parent)
            write_once(root / name, content.read())


def _write_public(root: Path, name: PurePosixPath, content: IO[bytes]) -> None:
    path = root / name
    make_folder(path.parent, PUBLIC_FOLDER)
    write_once(path, content.read(), PUBLIC_FILE)


def _config(staging: Path, offer: Offer, root: Path, manifest: Manifest) -> HomeConfig:
    """The home's configuration, with the inbox where it is now; written anew only if it moved."""
    config = load_home(staging).config
    inbox = offer.inbox or (str(inbox_beside(root)) if manifest.inbox_beside else config.inbox)
    if inbox == config.inbox:
        return config
    moved = config.model_copy(update={"inbox": inbox})
    written = yaml.safe_dump(moved.model_dump(mode="json"), sort_keys=False)
    write_once(staging / "home.yaml", written.encode())
    return moved


@dataclass(frozen=True)
class _Keys:
    """Those that lie beside the home already.

    Attributes:
        some_missing: whether one is still to be put back.
        by_member_key: whether the member key is there and the home's: it is never rotated, and so
            says that the others are, too, if they were since the backup.
        recipient: of the inbox's identity, None without one.
    """

    some_missing: bool
    by_member_key: bool
    recipient: str | None


def _refuse_other_keys(secrets: Path, manifest: Manifest) -> _Keys:
    """What there is; another home's is refused."""
    missing, ours = load_identity(secrets) is None, False
    member_first = sorted(LongLived, key=lambda one: one is not LongLived.MEMBER)
    for which in member_first:
        if not which.value.is_given(secrets):
            missing = True
            continue
        check = manifest.key_checks.get(which.name.lower())
        with refuse_as(SetupError("KEYS_OF_ANOTHER_HOME"), StorageError):
            load_key(which, secrets, None if ours else check)
        ours = ours or (which is LongLived.MEMBER and check is not None)
    identity = load_identity(secrets)
    recipient = None if identity is None else recipient_of(identity)
    if identity is not None and recipient is None:
        raise SetupError("KEYS_OF_ANOTHER_HOME")
    return _Keys(missing, ours, recipient)


def _journals(offer: Offer, staging: Path) -> Journals:
    own = Journals.of(staging)
    if offer.journals is None:
        return own
    newer = Journals.of(offer.journals)
    newer.require_newer(own)
    return newer


def _newest_recipient(offer: Offer, home: Home, found: _Keys, newest: Journals) -> str:
    """What new files are to be sealed to, also where the identity is still to be put back."""
    in_use = home.config.inbox_recipient
    retirements = LeavingJournal(newest.leaving).retirements()
    if found.recipient is None:
        return newest_of_sort(retirements, in_use) or in_use
    if found.recipient != in_use and not found.by_member_key:
        raise SetupError("KEYS_OF_ANOTHER_HOME")
    if not offer.trust_keys:
        require_newest(retirements, found.recipient, in_use)
    return found.recipient


def _names_revoked(home: Home) -> bool:
    portal = PortalOfHome(home.portal)
    with suppress(SetupError):
        return portal.is_there() and portal.names_revoked()
    return True


def _finish(staging: Path, home: Home, owner: URL, name: str) -> None:
    """From the moment that `home.yaml` lies in its place there is a home."""
    for path in list(staging.iterdir()):
        if path.name not in {"home.yaml", _NAME}:
            path.unlink()
    (staging / "home.yaml").replace(home.root / "home.yaml")
    database_restore.done(owner, name)
    shutil.rmtree(staging)
