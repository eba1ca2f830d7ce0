"""A `tideline portal` that is killed again and again while many deliver to it."""

import hashlib
import io
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyrage
import requests

OURS = ("TIDELINE_", "DAGSTER_")
AGAIN = frozenset({408, 425, 429})
SECONDS = 600
"""Until a wait is given up: a ceiling and no pace."""
WAIT = 0.05
"""Seconds between a client's tries; the page's are longer."""


@dataclass
class Answers:
    """How many a server gave, all its lives together, and who waits for how many."""

    count: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def one_more(self) -> None:
        """Count one."""
        with self.changed:
            self.count += 1
            self.changed.notify_all()

    def wait_for(self, count: int) -> None:
        """Until there were so many."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.count >= count, SECONDS)


class KilledPortal:
    """Starts it, and ends it as nobody can refuse.

    Args:
        settings: its file.
        login: of the portal's role.
        port: where it listens.
        folder: for its inbox and its pieces.
    """

    def __init__(self, settings: Path, login: str, port: int, folder: Path) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.inbox, self.pieces = folder / "inbox", folder / "pieces"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self._environment = kept | {"TIDELINE_PORTAL_PG_URL": login}
        self._command = [
            *(sys.executable, "-c", "from orchestration.cli import main; main()", "portal"),
            *("--settings", str(settings), "--port", str(port), "--inbox-may-be-listed"),
            *("--inbox", str(self.inbox), "--pieces", str(self.pieces)),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it may take a while until it answers."""
        self._process = subprocess.Popen(
            self._command, env=self._environment, stdout=subprocess.DEVNULL
        )

    def wait(self) -> None:
        """Until it answers."""
        end = time.monotonic() + SECONDS
        while True:
            try:
                requests.get(f"{self.address}/alive", timeout=SECONDS)
            except requests.ConnectionError:
                assert self._process is not None
                assert self._process.poll() is None, "it does not start"
                assert time.monotonic() < end
                time.sleep(WAIT)
            else:
                return

    def kill(self) -> None:
        """With -9."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()


@dataclass
class Client:
    """Delivers as the page's `upload.js` does, and begins anew where that tells its user to.

    Attributes:
        pieces: where deliveries of its link begin.
        address: by which it is counted.
        answers: told of each answer.
    """

    pieces: str
    address: str
    answers: Answers

    def deliver(self, content: bytes, size: int) -> None:
        """Send sealed bytes in pieces of this size, until there is a receipt."""
        while not self._tried(content, size):
            pass

    def _tried(self, content: bytes, size: int) -> bool:
        own = f"{self.pieces}/{self._insisting(self.pieces)['id']}"
        offset = 0
        while offset < len(content):
            piece = content[offset : offset - offset % size + size]
            found = self._insisting(f"{own}?offset={offset}", piece)
            if found is None or found["received"] < offset:
                return False
            offset = found["received"]
        digest = hashlib.sha256(content).hexdigest()
        return self._insisting(f"{own}/whole?sha256={digest}") is not None

    def _insisting(self, url: str, body: bytes = b"") -> Any:
        headers = {"X-Forwarded-For": self.address}
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            try:
                answer = requests.post(url, body, headers=headers, timeout=SECONDS)
            except requests.RequestException:
                time.sleep(WAIT)
                continue
            self.answers.one_more()
            if answer.status_code in AGAIN or answer.status_code >= 500:
                time.sleep(WAIT)
                continue
            if answer.status_code == 404:
                return None
            answer.raise_for_status()
            return answer.json()
        raise TimeoutError


def delivered_while_killed(
    portal: KilledPortal,
    link_of: Callable[[int], str],
    *,
    deliveries: int,
    kills: int,
    seed: int = 1,
) -> tuple[Sequence[bytes], int]:
    """Deliver, each from a client of its own, all at once.

    Args:
        portal: not yet started.
        link_of: the link of a group, by its number; five deliveries are of each.
        deliveries: how many.
        kills: how often it is killed, at answers spread over all.
        seed: of contents, and of when.

    Returns:
        What was delivered, and how many answers were given.
    """
    chance = random.Random(seed)
    to = pyrage.x25519.Identity.generate().to_public()
    contents = [
        _sealed(chance.randbytes(chance.randint(100, 60_000)), to) for _ in range(deliveries)
    ]
    answers = Answers()
    clients = [
        Client(
            f"{portal.address}/d/{link_of(number // 5)}/pieces",
            f"10.0.{number // 200}.{number % 200}",
            answers,
        )
        for number in range(deliveries)
    ]
    # About as many answers as there are pieces, a beginning and an end of each.
    expected = sum(len(one) // 9_000 + 3 for one in contents)
    moments = sorted(chance.sample(range(expected // 20, expected * 9 // 10), kills))
    portal.start()
    try:
        portal.wait()
        with ThreadPoolExecutor(deliveries) as pool:
            done = [
                pool.submit(client.deliver, content, 9_000)
                for client, content in zip(clients, contents, strict=True)
            ]
            for moment in moments:
                answers.wait_for(moment)
                portal.kill()
                portal.start()
            for one in done:
                one.result()
    finally:
        portal.kill()
    return contents, answers.count


def must_be_there_once(portal: KilledPortal, contents: Sequence[bytes]) -> None:
    """Nothing is lost, nothing twice, and nothing half written is left in the inbox."""
    files = [one for one in portal.inbox.rglob("*") if one.is_file()]
    found = [one.read_bytes() for one in files]
    assert sorted(found) == sorted(contents)
    for path, content in zip(files, found, strict=True):
        assert path.name.endswith(f"-{hashlib.sha256(content).hexdigest()}.age")
    # A beginning whose answer was lost has no byte.
    assert [one for one in portal.pieces.rglob("*.part") if one.stat().st_size] == []


def _sealed(content: bytes, to: Any) -> bytes:
    out = io.BytesIO()
    pyrage.encrypt_io(io.BytesIO(content), out, [to])
    return out.getvalue()
