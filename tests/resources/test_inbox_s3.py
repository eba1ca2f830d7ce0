"""The inbox on S3, as moto's server speaks it."""

import io
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest
import yaml
from moto.server import ThreadedMotoServer
from s3fs import S3FileSystem

from assets.core.errors import SetupError, StorageError
from assets.core.modes import Mode
from orchestration.cli.init import make_home
from resources.base.home import load_home
from resources.stores.inbox.inbox import Deletions, Inbox
from resources.wiring.commands import inbox_of

NOW = datetime(2026, 10, 15, 9, 30, tzinfo=UTC)
LIFETIME = timedelta(days=14)
GROUP = "g-00000001"
CONTENT = b"01/10/2026, 09:15 - Grace Okafor: I am so tired of Oak House\n" * 20
IDENTITY = pyrage.x25519.Identity.generate()


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def options(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    monkeypatch.setenv("INBOX_KEY", "made-up")
    monkeypatch.setenv("INBOX_SECRET", "made-up-too")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return {
        "key": {"env": "INBOX_KEY"},
        "secret": {"env": "INBOX_SECRET"},
        "client_kwargs": {"endpoint_url": endpoint, "region_name": "eu-west-2"},
    }


@pytest.fixture
def bucket(options: dict, endpoint: str, request: pytest.FixtureRequest) -> str:
    name = f"b{abs(hash(request.node.nodeid))}"
    store(endpoint).call_s3(
        "create_bucket",
        Bucket=name,
        CreateBucketConfiguration={"LocationConstraint": "eu-west-2"},
    )
    return name


def store(endpoint: str) -> S3FileSystem:
    return S3FileSystem(
        key=os.environ["INBOX_KEY"],
        secret=os.environ["INBOX_SECRET"],
        client_kwargs={"endpoint_url": endpoint, "region_name": "eu-west-2"},
    )


def set_versioning(endpoint: str, bucket: str, status: str) -> None:
    store(endpoint).call_s3(
        "put_bucket_versioning", Bucket=bucket, VersioningConfiguration={"Status": status}
    )


def inbox_at(url: str, options: dict) -> Inbox:
    return Inbox(url, str(IDENTITY.to_public()), str(IDENTITY), LIFETIME, options=options)


@pytest.mark.parametrize("folder", ["", "/some/folder"])
def test_what_goes_in_comes_out_and_goes(bucket: str, options: dict, folder: str) -> None:
    inbox = inbox_at(f"s3://{bucket}{folder}", options)
    inbox.refuse_versioned()
    assert inbox.list(GROUP) == []
    assert inbox.delete_expired(NOW) == Deletions({})
    added = [inbox.add(group, io.BytesIO(CONTENT), NOW) for group in (GROUP, GROUP, "g-00000002")]
    assert inbox.list(GROUP) == sorted(added[:2], key=lambda one: one.digest)
    assert inbox.open_export(added[0]).read() == CONTENT
    assert (inbox.size(added[0]) or 0) > len(CONTENT)
    assert inbox.delete_expired(NOW + LIFETIME) == Deletions({})
    assert inbox.purge("g-00000002") == Deletions({"g-00000002": 1})
    due = NOW + LIFETIME + timedelta(seconds=1)
    assert inbox.delete_expired(due) == Deletions({GROUP: 2})
    assert inbox.list(GROUP) == []
    assert inbox.size(added[0]) is None


def test_a_file_is_put_once_under_its_final_name(
    bucket: str, options: dict, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    inbox = inbox_at(f"s3://{bucket}/inbox", options)
    files = inbox.location.files
    calls: list[tuple[str, str]] = []
    real = type(files)._call_s3

    async def seen(self, method, *args, **kwargs):
        calls.append((method, kwargs.get("Key", "")))
        return await real(self, method, *args, **kwargs)

    monkeypatch.setattr(type(files), "_call_s3", seen)
    # Beyond what the client would cut into pieces, which stay behind if it is cut off.
    monkeypatch.setattr(
        "resources.stores.inbox.inbox.pyrage.encrypt_io", lambda _, out, __: out.write(big)
    )
    big = bytes(101 * 2**20)
    added = inbox.add(GROUP, io.BytesIO(b""), NOW)
    source = tmp_path / "big"
    source.touch()
    os.truncate(source, len(big))
    path = inbox.location.put_file(GROUP, "big", source)
    assert calls == [("put_object", one.removeprefix(f"{bucket}/")) for one in (added.path, path)]
    assert inbox.location.size(path) == len(big)


def test_a_stray_and_another_folder_of_the_bucket(
    bucket: str, options: dict, endpoint: str
) -> None:
    files = store(endpoint)
    for path in ("inbox/Oak House/chat.txt", f"inbox/{GROUP}/x", "inbox2/x", "x"):
        files.pipe_file(f"{bucket}/{path}", b"x")
    inbox = inbox_at(f"s3://{bucket}/inbox", options)
    # The store's own clock says when a stray was last changed.
    now = datetime.now(UTC)
    assert inbox.delete_expired(now + LIFETIME - timedelta(minutes=1)) == Deletions({})
    assert inbox.delete_expired(now + LIFETIME + timedelta(minutes=1)) == Deletions(
        {"Oak House": 1, GROUP: 1}
    )
    files.invalidate_cache()
    assert set(files.find(bucket)) == {f"{bucket}/inbox2/x", f"{bucket}/x"}


@pytest.mark.parametrize("status", ["Enabled", "Suspended"])
def test_a_versioned_bucket_is_refused_at_start(
    tmp_path: Path, bucket: str, options: dict, endpoint: str, status: str
) -> None:
    set_versioning(endpoint, bucket, status)
    with pytest.raises(SetupError, match=r"^INBOX_VERSIONED$"):
        make_home(
            tmp_path / "home",
            Mode.SYNTHETIC,
            first_day=NOW.date(),
            inbox=f"s3://{bucket}/inbox",
            inbox_options=options,
            inbox_unversioned_attested=True,
        )
    assert not (tmp_path / "home").exists()


def test_a_bucket_that_is_not_there_is_told(options: dict) -> None:
    with pytest.raises(StorageError, match=r"^INBOX_NOT_REACHABLE$") as caught:
        inbox_at("s3://nobody-made-this/inbox", options).refuse_versioned()
    assert caught.value.__context__ is None


@pytest.mark.slow
def test_a_home_s_inbox_on_s3(
    tmp_path: Path,
    bucket: str,
    options: dict,
    database_url: object,
    endpoint: str,
    make_home_on_tables: Callable[..., object],
) -> None:
    root = tmp_path / "home"
    make_home_on_tables(
        root,
        Mode.SYNTHETIC,
        first_day=NOW.date(),
        inbox=f"s3://{bucket}/inbox",
        inbox_options=options,
    )
    written = (root / "home.yaml").read_text("utf-8")
    assert "made-up" not in written
    assert yaml.safe_load(written)["inbox_options"]["secret"] == {"env": "INBOX_SECRET"}
    home = load_home(root)
    added = inbox_of(home, with_identity=False).add(GROUP, io.BytesIO(CONTENT), NOW)
    reader = inbox_of(home, with_identity=True)
    assert reader.open_export(added).read() == CONTENT
    # Versioning that is switched on later is seen by the next look.
    set_versioning(endpoint, bucket, "Enabled")
    with pytest.raises(SetupError, match=r"^INBOX_VERSIONED$"):
        reader.refuse_versioned()
    with pytest.raises(SetupError, match=r"^INBOX_VERSIONED$"):
        inbox_of(home, with_identity=False)


def test_an_empty_bucket_is_there_and_a_missing_one_is_not(bucket: str, options: dict) -> None:
    recipient = str(IDENTITY.to_public())
    inbox = Inbox(f"s3://{bucket}/in", recipient, None, LIFETIME, options=options)
    assert inbox.location.is_there()
    inbox.add(GROUP, io.BytesIO(CONTENT), NOW)
    assert inbox.location.is_there()
    gone = Inbox(f"s3://{bucket}-none/in", recipient, None, LIFETIME, options=options)
    assert not gone.location.is_there()
