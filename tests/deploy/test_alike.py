"""What the three ways have in common, and what README.md has made for them by hand."""

import os
import re
import shlex
import subprocess
import time
from pathlib import Path

import pytest
from described import (
    DEPLOY,
    HAND,
    ROOT,
    SYSTEMD,
    WAYS,
    Started,
    compose,
    compose_services,
    kubernetes_services,
    pods,
    systemd_services,
    units,
)
from sqlalchemy.engine import make_url

from resources.base.database.roles import LOGINS

CLOCK = {"backup", "remind", "doctor"}


def test_all_three_start_the_same_commands() -> None:
    """What is started under Compose (`test_started.py`) is what the others start."""

    def told(service: Started) -> list[str]:
        # Addresses and places are each deployment's own, and so is where the proxy is.
        words = list(service.words)
        if "--proxy" in words:
            at = words.index("--proxy")
            del words[at : at + 2]
        return [re.sub(r"\S+:\d+|[\d.]+|/\S+", "*", one) for one in words]

    known = {one.kind: told(one) for one in compose_services() if one.name != HAND}
    for read in (systemd_services, kubernetes_services):
        for one in read():
            if one.kind in known and not one.chart:
                assert told(one) == known[one.kind]


def _what_forgets_backups() -> dict[str, list[str]]:
    (line,) = units()["tideline-backup"]["ExecStartPre"]
    (container,) = dict(pods())["backup"]["initContainers"]
    return {"systemd": shlex.split(line.removeprefix("-")), "kubernetes": container["command"]}


@pytest.mark.parametrize("way", ["systemd", "kubernetes"])
def test_a_backup_is_gone_before_it_is_older_than_scores(way: str, tmp_path: Path) -> None:
    command = _what_forgets_backups()[way]
    hours = {33 * 24: True, 34 * 24 + 1: False, 60 * 24: False}
    for age in hours:
        for name in (f"tideline-{age}.backup", f"tideline-{age}.backup.age", f"{age}.other"):
            path = tmp_path / name
            path.touch()
            os.utime(path, (then := time.time() - age * 3600, then))
    subprocess.run(["find", tmp_path, *command[2:]], check=True)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {f"{age}.other" for age in hours} | {
        f"tideline-{age}.backup{end}"
        for age, stays in hours.items()
        for end in ("", ".age")
        if stays
    }


def test_each_login_gets_a_password_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "etc" / "credentials"
    command = ["sh", DEPLOY / "new-logins.sh", folder, "db:5432"]
    subprocess.run(command, check=True)
    written = {path.name: path.read_text("utf-8") for path in folder.iterdir()}
    subprocess.run(command, check=True)
    assert {path.name: path.read_text("utf-8") for path in folder.iterdir()} == written
    assert written.keys() == {*LOGINS, "POSTGRES_PASSWORD"}
    urls = [make_url(written[name]) for name in LOGINS]
    assert len({one.username for one in urls}) == len({one.password for one in urls}) == len(urls)
    assert all(len(str(one.password)) == 48 for one in urls)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    # The portal's user goes through the one above it to its settings.
    assert [one.stat().st_mode & 0o777 for one in (folder, folder.parent)] == [0o700, 0o755]


def test_each_way_has_what_a_clock_starts() -> None:
    """Under Compose `operate` is started by cron, by the lines of README.md."""
    units_of_timers = {path.stem for path in SYSTEMD.glob("*.timer")}
    kubernetes = {one.name for one in kubernetes_services() if one.name in CLOCK}
    cron = re.findall(r"\$COMPOSE (\w+)", (DEPLOY / "README.md").read_text("utf-8"))
    assert units_of_timers == {f"tideline-{name}" for name in CLOCK}
    assert kubernetes == set(cron) == CLOCK


def test_who_works_by_hand_has_what_home_yaml_names_but_not_the_portals_login(
    tmp_path: Path,
) -> None:
    folder, tools = tmp_path / "credentials", tmp_path / "bin"
    for one in (folder, tools):
        one.mkdir()
    given = {"TIDELINE_PG_URL", "TIDELINE_S3_KEY", "MAIL_PASSWORD"}
    for name in (*given, "TIDELINE_PORTAL_PG_URL", "POSTGRES_PASSWORD", "portal-settings.yaml"):
        (folder / name).touch()
    (tools / "systemd-run").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', "utf-8")
    (tools / "systemd-run").chmod(0o755)
    script = (SYSTEMD / "by-hand.sh").read_text("utf-8")
    script = script.replace("/etc/tideline/credentials", str(folder))
    paths = {"PATH": f"{tools}:{os.environ['PATH']}", "PROGRAM": "/opt/new"}
    done = subprocess.run(
        ["sh", "-c", script, "by-hand.sh", "status"],
        env=paths,
        capture_output=True,
        text=True,
        check=True,
    )
    words = done.stdout.splitlines()
    assert words[-2:] == ["/opt/new/bin/tideline", "status"]
    loaded = {one.split("=", 2)[2] for one in words if one.startswith("--property=LoadCredential=")}
    assert loaded == {f"{name}:{folder / name}" for name in given}


def test_the_database_lies_in_a_folder_that_its_user_makes() -> None:
    """A volume's own folder is of the image's user; whoever else may write there can't close it."""
    service = compose()["services"]["postgres"]
    (volume,) = (one["target"] for one in service["volumes"] if one["type"] == "volume")
    assert Path(service["environment"]["PGDATA"]).parent == Path(volume)


@pytest.mark.parametrize("way", ["compose", "systemd"])
def test_the_readme_has_every_folder_made_that_a_service_is_given(way: str) -> None:
    readme = (DEPLOY / "README.md").read_text("utf-8").replace("\\\n", " ")
    section = readme.lower().split(f"\n## {way}\n")[1].split("\n## ")[0]
    by_hand = {
        word
        for line in section.splitlines()
        if line.startswith("install -d ")
        for word in shlex.split(line, comments=True)
    }
    # What `init` and `study new` make.
    home = {f"{ROOT}/home{part}" for part in ("", "/home.yaml", "/study.yaml", "/public")}
    given = {path for one in WAYS[way]() for path in one.mounts if path != ROOT}
    assert "tideline study new" in section or "by-hand.sh study new" in section
    assert given <= by_hand | home
