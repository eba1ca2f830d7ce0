"""Where an inbox may lie: options, secrets, and places that keep what is deleted."""

import os
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fsspec
import pyrage
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from assets.core.errors import SetupError, StorageError
from resources.stores.inbox import versions as inbox_versions
from resources.stores.inbox.inbox import Inbox
from resources.stores.inbox.location import InboxLocation
from resources.stores.inbox.options import resolved
from resources.stores.inbox.versions import keeps_what_is_deleted

RECIPIENT = str(pyrage.x25519.Identity.generate().to_public())


class Elsewhere(MemoryFileSystem):
    """A location of which nothing can be asked, and which wants a word to let one in."""

    protocol = "elsewhere"
    store: dict[str, Any] = {}  # noqa: RUF012
    pseudo_dirs = [""]  # noqa: RUF012
    opened_with: list[dict[str, Any]] = []  # noqa: RUF012

    def __init__(self, **options: Any) -> None:
        self.opened_with.append(options)
        super().__init__(**options)

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **kwargs: Any) -> None:
        # Renaming is how a file gets its name here.
        assert path.endswith(".partial")
        super().pipe_file(path, value, mode, **kwargs)


@pytest.fixture
def elsewhere() -> None:
    fsspec.register_implementation("elsewhere", Elsewhere, clobber=True)
    Elsewhere.opened_with.clear()


def test_a_name_stands_for_what_the_environment_holds(
    elsewhere: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INBOX_SECRET", "hunter2")
    options = {
        "secret": {"env": "INBOX_SECRET"},
        "client_kwargs": {
            "endpoint_url": "https://store",
            "session_token": {"env": "INBOX_SECRET"},
        },
        "anon": False,
    }
    InboxLocation("elsewhere://inbox", options)
    assert Elsewhere.opened_with == [
        {
            "secret": "hunter2",
            "client_kwargs": {"endpoint_url": "https://store", "session_token": "hunter2"},
            "anon": False,
        }
    ]


@pytest.mark.parametrize(
    "options",
    [
        {"secret": "hunter2"},
        {"key": "hunter2"},
        {"password": "hunter2"},
        {"account_key": "hunter2"},
        {"connection_string": "hunter2"},
        {"sas_token": "hunter2"},
        {"token": "hunter2"},
        {"client_kwargs": {"aws_secret_access_key": "hunter2"}},
        {"Client_Secret": "hunter2"},
    ],
)
def test_a_secret_in_the_file_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(SetupError, match=r"^INBOX_SECRET_IN_FILE$"):
        InboxLocation("memory://inbox", options)


def test_switches_and_file_names_are_no_secrets() -> None:
    options = {"requester_pays": True, "key_filename": "/etc/inbox/id", "use_ssl": False}
    assert resolved({**options, "token_lifetime": 3}) == {**options, "token_lifetime": 3}


@pytest.mark.parametrize("value", [None, ""])
def test_a_name_that_is_not_set_is_told(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("INBOX_SECRET", raising=False)
    if value is not None:
        monkeypatch.setenv("INBOX_SECRET", value)
    with pytest.raises(SetupError, match=r"^INBOX_OPTION_NOT_SET$"):
        InboxLocation("memory://inbox", {"secret": {"env": "INBOX_SECRET"}})


@pytest.mark.parametrize(
    ("url", "options", "code"),
    [
        ("sftp://ana:hunter2@host/inbox", {}, "INBOX_SECRET_IN_FILE"),
        # What lies behind a cache is copied to where nothing deletes it.
        ("simplecache::s3://bucket/inbox", {}, "HOME_CONFIG_INVALID"),
        ("filecache://x", {"target_protocol": "memory"}, "HOME_CONFIG_INVALID"),
        ("nosuchplace://inbox", {}, "HOME_CONFIG_INVALID"),
        ("", {}, "HOME_CONFIG_INVALID"),
        ("http://[bad", {}, "HOME_CONFIG_INVALID"),
    ],
)
def test_a_location_that_may_not_be_is_refused(url: str, options: dict, code: str) -> None:
    with pytest.raises(SetupError, match=f"^{code}$") as caught:
        InboxLocation(url, options)
    assert caught.value.__context__ is None


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ImportError("install gcsfs")

    monkeypatch.setattr(fsspec.core, "url_to_fs", missing)
    with pytest.raises(SetupError, match=r"^INBOX_EXTRA_MISSING$"):
        InboxLocation("gs://bucket/inbox")


def test_a_location_that_can_not_be_connected_to_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class ClientError(Exception):
        pass

    def refused(*_: object, **__: object) -> None:
        raise ClientError("hunter2")

    monkeypatch.setattr(fsspec.core, "url_to_fs", refused)
    with pytest.raises(StorageError, match=r"^INBOX_NOT_REACHABLE$") as caught:
        InboxLocation("sftp://host/inbox")
    assert caught.value.__context__ is None


def google(about: dict[str, Any]) -> Any:
    return SimpleNamespace(protocol=("gs", "gcs"), call=lambda *_, **__: about)


def azure(enabled: bool) -> Any:
    properties = {"delete_retention_policy": SimpleNamespace(enabled=enabled)}
    client = SimpleNamespace(get_service_properties=lambda: properties)
    return SimpleNamespace(protocol="abfs", loop=None, service_client=client)


def s3(answer: Any) -> Any:
    def call(method: str, *, Bucket: str) -> Any:  # noqa: N803
        assert (method, Bucket) == ("get_bucket_versioning", "bucket")
        if isinstance(answer, Exception):
            raise answer
        return answer

    return SimpleNamespace(protocol=("s3", "s3a"), call_s3=call)


@pytest.mark.parametrize(
    ("files", "kept"),
    [
        (s3({}), False),
        (s3({"Status": "Enabled"}), True),
        (s3({"Status": "Suspended"}), True),
        (s3(PermissionError("hunter2")), None),
        (google({}), False),
        (google({"versioning": {"enabled": False}}), False),
        (google({"versioning": {"enabled": True}}), True),
        (google({"softDeletePolicy": {"retentionDurationSeconds": "604800"}}), True),
        (google({"softDeletePolicy": {"retentionDurationSeconds": "0"}}), False),
        (azure(True), True),
        (azure(False), None),
        (SimpleNamespace(protocol="sftp"), None),
        (SimpleNamespace(protocol=("file", "local")), False),
    ],
)
def test_a_place_that_keeps_what_is_deleted_is_known(
    monkeypatch: pytest.MonkeyPatch, files: Any, kept: bool | None
) -> None:
    monkeypatch.setattr(inbox_versions, "sync", lambda _, call: call())
    assert keeps_what_is_deleted(files, "bucket/inbox") is kept


@pytest.mark.parametrize(
    ("kept", "attested", "code"),
    [
        (False, False, None),
        (True, False, "INBOX_VERSIONED"),
        # An answer counts more than a promise.
        (True, True, "INBOX_VERSIONED"),
        (None, False, "INBOX_VERSIONING_UNKNOWN"),
        (None, True, None),
    ],
)
def test_a_versioned_place_is_refused(
    monkeypatch: pytest.MonkeyPatch, kept: bool | None, attested: bool, code: str | None
) -> None:
    monkeypatch.setattr("resources.stores.inbox.location.keeps_what_is_deleted", lambda *_: kept)
    inbox = Inbox(
        "memory://inbox", RECIPIENT, None, timedelta(days=1), unversioned_attested=attested
    )
    if code is None:
        inbox.refuse_versioned()
        return
    with pytest.raises(SetupError, match=f"^{code}$"):
        inbox.refuse_versioned()


def test_a_place_that_does_not_answer_is_not_merely_unknown(
    elsewhere: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    inbox = Inbox("elsewhere://x", RECIPIENT, None, timedelta(1), unversioned_attested=True)
    inbox.refuse_versioned()
    monkeypatch.setattr(inbox.location.files, "ls", refuse)
    with pytest.raises(StorageError, match=r"^INBOX_NOT_REACHABLE$"):
        inbox.refuse_versioned()


def test_a_local_file_is_on_the_disk_before_it_is_said_to_lie_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connector acknowledges after that, and what it was handed is gone elsewhere."""
    folder, flushed, flush = tmp_path / "inbox" / "g", [], os.fsync

    def seen(descriptor: int) -> None:
        flushed.append(
            (
                Path(f"/proc/self/fd/{descriptor}").resolve().name,
                [one.name for one in folder.iterdir()],
            )
        )
        flush(descriptor)

    monkeypatch.setattr("os.fsync", seen)
    InboxLocation(str(folder.parent)).put("g", "a.age", b"x")
    assert flushed == [(".a.age.partial", [".a.age.partial"]), ("g", ["a.age"])]
