"""A home and its user's folders under strace: what processes did beyond what is configured."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.system_calls import STRACE, Act, acts_of

PROJECT = Path(__file__).parents[1]
CAN_TRACE = shutil.which("strace") is not None or bool(os.environ.get("TIDELINE_REQUIRE_STRACE"))
"""Whether strace is here, or has to be."""
NO_STRACE = "no strace on this machine; on Debian: apt-get install strace"


@dataclass(frozen=True)
class TracedPlace:
    """Fresh folders for one home and for all that a user has around it."""

    root: Path

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def own(self) -> tuple[Path, ...]:
        """Where Tideline may write: home, inbox, secrets, the temporary folder, sockets."""
        names = ("home", "home-inbox", "home-secrets", "temporary", "runtime", "chat.txt")
        return tuple(self.root / name for name in names)

    @property
    def environment(self) -> dict[str, str]:
        """A user's, with every folder that libraries take for themselves beside the home's."""
        kept = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH")
        user = self.root / "user"
        return {name: os.environ[name] for name in kept if name in os.environ} | {
            "HOME": str(user),
            "TMPDIR": str(self.root / "temporary"),
            "XDG_RUNTIME_DIR": str(self.root / "runtime"),
            "XDG_CACHE_HOME": str(user / "cache"),
            "XDG_CONFIG_HOME": str(user / "config"),
            "XDG_DATA_HOME": str(user / "data"),
            "XDG_STATE_HOME": str(user / "state"),
            "TIDELINE_HOME": str(self.home),
        }

    def traced(self, name: str, *command: str) -> list[str]:
        return [*STRACE, "-o", str(self.root / "traces" / name), *command]

    def acts(self, name: str) -> set[Act]:
        return acts_of(self.root / "traces" / name, PROJECT)


@contextmanager
def traced_place() -> Iterator[TracedPlace]:
    """Fresh folders that every user may enter, gone afterwards."""
    # Not under pytest's own folder, which shuts the server's user out.
    made = TracedPlace(Path(tempfile.mkdtemp(prefix="tideline-quiet-")))
    made.root.chmod(0o755)
    for name in ("user", "temporary", "runtime", "traces"):
        (made.root / name).mkdir()
    yield made
    shutil.rmtree(made.root, ignore_errors=True)


NAMED = {
    # What our processes do in other places, and why that tells nobody anything.
    r"writes /dev/null": "what is thrown away",
    r"writes .+/__pycache__(/[^/]+\.pyc(\.\d+)?)?": "Python's own copies of the code",
    r"writes /dev/shm/sem\.[^/]+": "tqdm's lock: a counter, made and unlinked at once",
    r"writes /dev/shm/PostgreSQL\.\d+": "the embedded server's workers, gone with it",
    r"writes /proc/self/(uid_map|gid_map|setgroups)": "the namespace of the embedded server",
    r"connects /proc/self/fd/\d+/\.s\.PGSQL\.\d+": "its socket, by the folder that it lies in",
    r"writes .+ EEXIST": "what is there already, and stays as it is",
    r"looks up /var/run/nscd/socket ENOENT": "glibc wants the name of a user, and nobody listens",
}


def foreign(acts: set[Act], place: TracedPlace) -> list[Act]:
    """Acts beyond what is configured, in order."""
    return sorted(
        act
        for act in acts
        if not any(Path(act.target).is_relative_to(own) for own in place.own)
        and not any(
            re.fullmatch(named, said)
            for named in NAMED
            for said in (
                f"{act.kind} {act.target}",
                f"{act.kind} {act.target} {act.failed}",
                f"{act.kind} {act.target} {act.call}",
            )
        )
    )


def is_between_dagsters(act: Act) -> bool:
    """Whether it is a connection between Dagster's own processes: gRPC and web UI, this machine."""
    return act.kind == "connects" and act.target.split()[0] in ("127.0.0.1", "::1")


def left_behind(place: TracedPlace) -> set[Path]:
    """What is still in the temporary folder, or came to be in the user's own."""
    return {path for name in ("temporary", "user") for path in (place.root / name).rglob("*")}
