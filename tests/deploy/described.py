"""What `deploy/` says that is started, in one form whatever it is written for."""

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE = DEPLOY / "compose" / "compose.yaml"
SYSTEMD = DEPLOY / "systemd"
HARDENED = SYSTEMD / "tideline-.service.d" / "hardened.conf"
VALUES = DEPLOY / "kubernetes" / "values.yaml"
MANIFESTS = DEPLOY / "kubernetes" / "tideline.yaml"
ROOT = "/srv/tideline"

OUTWARD = COMPOSE.with_name("outward.yaml")

HAND = "operate"
"""The service that a person runs commands in, with all that they need."""

_DEFAULT = re.compile(r"\$\{[A-Z_]+:-([^}]*)\}")


@dataclass(frozen=True)
class Started:
    """One process as a deployment starts it.

    Attributes:
        name: of the service.
        words: its command line.
        environment: variables that it is given, but for secrets.
        secrets: names of the secrets that it is given.
        mounts: what it sees of the folder that the home lies in, and whether it may write there.
        chart: whether Dagster's chart starts it, by a command line of its own.
    """

    name: str
    words: Sequence[str]
    environment: Mapping[str, str]
    secrets: frozenset[str]
    mounts: Mapping[str, bool] = field(default_factory=dict)
    chart: bool = False

    @property
    def kind(self) -> str:
        """By what `SECRETS` knows it: the process that it becomes, else the command."""
        return self.words[2] if self.words[1] == "serve" else self.words[1]


def compose() -> dict[str, Any]:
    """The Compose file, with the defaults of its variables."""
    return yaml.safe_load(_DEFAULT.sub(r"\1", COMPOSE.read_text("utf-8")))


def compose_services() -> Iterator[Started]:
    """Of our own image; `operate` is started by hand."""
    for name, service in compose()["services"].items():
        if service["command" if "command" in service else "image"][0] == "tideline":
            yield Started(
                name,
                service["command"],
                service["environment"],
                frozenset(service["secrets"]),
                {
                    one["target"]: not one.get("read_only", False)
                    for one in service.get("volumes", ())
                    if one["target"].startswith(ROOT)
                },
            )


def unit(path: Path) -> dict[str, list[str]]:
    """The settings of a unit's section Service, with those of all our units."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in [*HARDENED.read_text("utf-8").splitlines(), *path.read_text("utf-8").splitlines()]:
        if line.startswith("["):
            section = line
        elif "=" in line and not line.startswith("#") and section == "[Service]":
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def units() -> dict[str, dict[str, list[str]]]:
    """All services, by name."""
    return {path.stem: unit(path) for path in sorted(SYSTEMD.glob("*.service"))}


def systemd_services() -> Iterator[Started]:
    """Each unit's process; the template that tells of failures is none of the program's."""
    for name, settings in units().items():
        if name.endswith("@"):
            continue
        (line,) = settings["ExecStart"]
        words = shlex.split(line)
        hidden = f"{ROOT}:ro" in settings.get("TemporaryFileSystem", ())
        written = {"ReadWritePaths": True, "BindPaths": True, "BindReadOnlyPaths": False}
        yield Started(
            name.removeprefix("tideline-"),
            [Path(words[0]).name, *words[1:]],
            dict(one.split("=", 1) for one in settings["Environment"]),
            frozenset(one.split(":")[0] for one in settings.get("LoadCredential", ())),
            {
                **({} if hidden else {ROOT: False}),
                **{
                    one.removeprefix("-"): may_write
                    for setting, may_write in written.items()
                    for line in settings.get(setting, ())
                    for one in line.split()
                    if one.removeprefix("-").startswith(ROOT)
                },
            },
        )


SECRETS_OF_KUBERNETES = {
    "tideline-owner-login": frozenset({"TIDELINE_OWNER_PG_URL"}),
    "tideline-restricted-login": frozenset({"TIDELINE_PG_URL"}),
    "tideline-public-login": frozenset({"TIDELINE_PUBLIC_PG_URL"}),
    "tideline-dagster-login": frozenset({"TIDELINE_DAGSTER_PG_URL"}),
    "tideline-portal-login": frozenset({"TIDELINE_PORTAL_PG_URL"}),
    "tideline-auditor-login": frozenset({"TIDELINE_AUDITOR_PG_URL"}),
    "tideline-keys": frozenset(
        {"TIDELINE_MASTER_KEY", "TIDELINE_MEMBER_KEY", "TIDELINE_INBOX_IDENTITY"}
    ),
    # What home.yaml names: other variables in every study.
    "tideline-notify": frozenset(),
}
"""What each Secret holds, as deploy/README.md has them made; that of Dagster's login holds its URL
for Dagster's own variable, too."""


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and specification of every pod that the manifests make."""
    for one in yaml.safe_load_all(MANIFESTS.read_text("utf-8")):
        spec = one["spec"]
        if one["kind"] == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        if one["kind"] in {"CronJob", "Deployment"}:
            yield one["metadata"]["name"].removeprefix("tideline-"), spec["template"]["spec"]


def kubernetes_services() -> Iterator[Started]:
    """Of the chart's pods and of our own."""
    values = yaml.safe_load(VALUES.read_text("utf-8"))
    chart = [
        ("webserver", values["dagsterWebserver"]),
        ("daemon", values["dagsterDaemon"]),
        *((one["name"], one) for one in values["dagster-user-deployments"]["deployments"]),
    ]
    for name, pod in chart:
        words = ["tideline", "serve", name, *pod.get("dagsterApiGrpcArgs", ())]
        given = _of_container(name, words, pod["env"], pod["envSecrets"], pod["volumeMounts"])
        yield replace(given, chart=True)
    for name, pod in pods():
        (one,) = pod["containers"]
        secrets = [each["secretRef"] for each in one["envFrom"]]
        yield _of_container(name, one["command"], one.get("env", []), secrets, one["volumeMounts"])


def _of_container(
    name: str,
    words: Sequence[str],
    environment: Sequence[Mapping[str, str]],
    secrets: Sequence[Mapping[str, str]],
    mounts: Sequence[Mapping[str, Any]],
) -> Started:
    return Started(
        name,
        words,
        {one["name"]: one.get("value", "") for one in environment},
        frozenset().union(*(SECRETS_OF_KUBERNETES[one["name"]] for one in secrets)),
        {
            one["mountPath"]: not one.get("readOnly", False)
            for one in mounts
            if one["mountPath"].startswith(ROOT)
        },
    )


WAYS: dict[str, Callable[[], Iterator[Started]]] = {
    "compose": compose_services,
    "systemd": systemd_services,
    "kubernetes": kubernetes_services,
}
