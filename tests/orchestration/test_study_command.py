"""`tideline study` as who fills a register in meets it: new, check, terms, approve."""

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from assets.core.errors import CATALOGUE, TidelineError
from assets.core.modes import Mode
from assets.core.study_entries import STOPS, Action
from orchestration.cli import app
from orchestration.cli.study_words import register_lines, when_due
from orchestration.home_migration import bring_register_along
from resources.base.home import CONTACT_NOT_SET, Home, HomeConfig, load_home, write_home
from resources.stores.study.approvals import is_signed, sign_with_key
from resources.stores.study.gate import stops
from resources.stores.study.placeholders import placeholders
from resources.stores.study.register import read_register

TODAY = date(2026, 10, 15)
MANUAL = Path(__file__).parents[2] / "docs" / "study.md"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN1xCBFv4jhK//14xEHK5353dXv0A+rPYU9XY3LPKPmN"
SCOPE = "Tideline study scope 1\nhome 00\n"
# Made by OpenSSH's `ssh-keygen -Y sign -n tideline-study`, and with the name space of another use.
SIGNATURE = """-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg3XEIEW/iOEr//XjEQcrnfnd1e/
QD6s9hT1djcs8o+Y0AAAAOdGlkZWxpbmUtc3R1ZHkAAAAAAAAABnNoYTUxMgAAAFMAAAAL
c3NoLWVkMjU1MTkAAABAdd+b3zQYxNmhjzIUCGNsq89kwiUkMC/h6K1eElVGBWUiSsICa8
vAg5Fm+YNWOsvGaxo0w3M1PGNLjHagBZkfDw==
-----END SSH SIGNATURE-----
"""
OF_ANOTHER_USE = """-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg3XEIEW/iOEr//XjEQcrnfnd1e/
QD6s9hT1djcs8o+Y0AAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5
AAAAQOK0b4T7/VpIl5FFeKJazkrazb7xEJsS57qwUKx0Pf13I7gDWG15qgxX0Fq7CBgXio
RzqyHkvm4SZY7fUawO3Q4=
-----END SSH SIGNATURE-----
"""


def config(mode: Mode, **changes: Any) -> HomeConfig:
    return HomeConfig(
        home_id="0" * 32,
        mode=mode,
        first_day=date(2026, 9, 1),
        inbox="inbox",
        inbox_recipient="age1ja98y0xng9ezrjwf2fua4dply6z2xwdnj0s6h2380h8p54gmayuqqp7h26",
        **changes,
    )


class Typed:
    """The command line on a home, at a day."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def __call__(self, *words: str | Path) -> str:
        done = CliRunner().invoke(app, ["study", *map(str, words)])
        if isinstance(done.exception, TidelineError):
            return f"{done.output}\n{done.exception}"
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.output


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Any) -> Callable[..., Typed]:
    monkeypatch.setattr("orchestration.cli.study.Clock", lambda: clock)

    def made(mode: Mode = Mode.STUDY, **changes: Any) -> Typed:
        changes.setdefault("contact", "care-study@lse.ac.uk")
        home = write_home(tmp_path / "home", config(mode, **changes))
        monkeypatch.setenv("TIDELINE_HOME", str(home.root))
        return Typed(home)

    return made


def test_a_template_is_filled_in_checked_and_approved(
    make: Any, tmp_path: Path, study_entries: Any, study_keys: Any
) -> None:
    study = make()
    assert "STUDY_REGISTER_MISSING register" in study("check")
    assert "fill in every TODO" in study("new")
    assert "FILE_EXISTS" in study("new")
    path = study.home.root / "study.yaml"
    text = path.read_text("utf-8")
    said = study("check")
    assert all(f" {name} " in said for name in STOPS)
    assert "STUDY_ENTRY_DRAFT" in said

    path.write_text(text.replace("need: TODO", "need: First: the need"), "utf-8")
    said = study("check")
    assert "stops being YAML at line " in said
    assert "STUDY_REGISTER_UNREADABLE register" in said

    line = 1 + text[: text.index("  dpia:")].count("\n")
    path.write_text(text.replace("  dpia:", "  dpja:"), "utf-8")
    said = study("check")
    assert f"What line {line} names is not an entry; did you mean `dpia`?" in said
    assert "STUDY_REGISTER_UNREADABLE register" in said

    # Every TODO, and nothing but TODOs and decisions, is what has to be filled in.
    template, answers = yaml.safe_load(text), study_entries(study.home)
    filled = {name: dict(entry) for name, entry in template["entries"].items()}
    for name, entry in filled.items():
        for field in set(placeholders(entry)):
            first = field.partition(".")[0]
            entry[first] = answers[name][first]
    terms = tmp_path / "terms.html"
    terms.write_bytes(b"terms of today")
    digest = hashlib.sha256(b"terms of today").hexdigest()
    assert digest in study("digest", terms)
    filled["platform_permission"]["platforms"]["whatsapp"]["terms_sha256"] = digest
    alike = {"review_by": date(2027, 9, 1), "decided_on": date(2026, 9, 1)}
    whole = {
        **template,
        "for_all": {**alike, "author": "K. Osei", "reviewer": "P. Lind"},
        "entries": filled,
    }
    path.write_text(yaml.safe_dump(whole), "utf-8")
    assert "PLATFORM_TERMS_UNCHECKED platform_permission" in study("check")
    assert "are those that were approved" in study("terms", terms)
    assert "STUDY_ENTRY_UNAPPROVED" in study("check")

    scope = study("scope")
    for name, key in study_keys.items():
        file = tmp_path / f"{name}.sig"
        file.write_text(sign_with_key(key, scope), "ascii")
        said = study("approve", "--by", name, "--signature", file)
        assert f"{name} has approved the register with digest" in said
    assert "nothing is stopped" in said
    assert "nothing is stopped" in study("check")
    (kept,) = (study.home.root / "study-approvals").glob("*/study.yaml")
    assert kept.read_bytes() == path.read_bytes()

    terms.write_bytes(b"terms of tomorrow")
    assert "PLATFORM_TERMS_CHANGED platform_permission" in study("terms", terms)
    assert "PLATFORM_TERMS_CHANGED platform_permission" in study("check")


def test_what_is_no_approval_is_not_recorded(
    make: Any, tmp_path: Path, write_register: Any, study_entries: Any, study_keys: Any
) -> None:
    study = make()
    register = write_register(study.home, by=())
    scope, file = register.scope(study.home), tmp_path / "signature"
    good = sign_with_key(study_keys["ana"], scope)
    for by, signature, code in (
        ("eve", good, "APPROVER_UNKNOWN roles"),
        ("bo", good, "APPROVAL_NOT_SIGNED register"),
        ("ana", sign_with_key(study_keys["bo"], scope), "APPROVAL_NOT_SIGNED register"),
        ("ana", sign_with_key(study_keys["ana"], scope + " "), "APPROVAL_NOT_SIGNED register"),
        ("ana", good.replace("A", "B", 1), "APPROVAL_NOT_SIGNED register"),
        ("ana", good[:120], "APPROVAL_NOT_SIGNED register"),
        ("ana", "Zufällig nichts", "APPROVAL_NOT_SIGNED register"),
        ("ana", SIGNATURE, "APPROVAL_NOT_SIGNED register"),
    ):
        file.write_text(signature, "utf-8")
        assert code in study("approve", "--by", by, "--signature", file)
    assert not list((study.home.root / "study-approvals").rglob("*.approval"))
    # What is not finished is told, and signed only where that is what somebody wants.
    entries = study_entries(study.home)
    entries["dpia"]["decision"] = "draft"
    register = write_register(study.home, entries, by=())
    file.write_text(sign_with_key(study_keys["ana"], register.scope(study.home)), "ascii")
    assert "STUDY_ENTRY_DRAFT dpia" in study("approve", "--by", "ana", "--signature", file)
    assert not list((study.home.root / "study-approvals").rglob("*.approval"))
    assert "ana has approved" in study("approve", "--by", "ana", "--signature", file, "--as-it-is")
    assert "give one of the two" in study("approve", "--by", "ana")


def test_events_are_shown_once_two_have_signed_them_as_typed(
    make: Any, tmp_path: Path, write_register: Any, study_keys: Any
) -> None:
    study = make()
    write_register(study.home)
    file = study.home.root / "events.yaml"
    wind = {"day": date(2026, 10, 5), "kind": "weather_warning", "source": "Met Office"}

    def write(words: str) -> None:
        file.write_text(yaml.safe_dump({"form": 1, "events": [wind | {"words": words}]}), "utf-8")

    write("Strike of carers")
    assert "EVENTS_NOT_ALLOWED" in study("events", "check")
    write("Amber warning for wind")
    assert "Amber warning for wind" in study("events", "check")
    scope = study("events", "scope")
    signature = tmp_path / "signature"
    for name in ("ana", "bo"):
        signature.write_text(sign_with_key(study_keys[name], scope), "ascii")
        said = study("events", "approve", "--by", name, "--signature", signature)
        assert f"{name} has signed" in said
    assert "give one of the two" in study("events", "approve", "--by", "ana")
    # Another wording is nobody's, and neither is a signature over what was.
    write("Red warning for wind")
    said = study("events", "approve", "--by", "ana", "--signature", signature)
    assert "APPROVAL_NOT_SIGNED" in said


def test_what_openssh_signs_is_taken_and_what_we_sign_openssh_takes(
    tmp_path: Path, study_keys: Any
) -> None:
    assert is_signed(SCOPE, SIGNATURE, KEY)
    assert not is_signed(SCOPE, OF_ANOTHER_USE, KEY)
    assert not is_signed(SCOPE + "x", SIGNATURE, KEY)
    ours = sign_with_key(study_keys["ana"], SCOPE)
    assert not is_signed(SCOPE, ours, KEY)
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("needs ssh-keygen")
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = study_keys["ana"].public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    (tmp_path / "allowed").write_bytes(b"ana " + key + b"\n")
    (tmp_path / "signature").write_text(ours, "ascii")
    command = [program, "-Y", "verify", "-f", tmp_path / "allowed", "-I", "ana"]
    command += ["-n", "tideline-study", "-s", tmp_path / "signature"]
    subprocess.run(command, input=SCOPE.encode(), check=True, capture_output=True)


def test_a_key_on_this_machine_signs_by_ssh_keygen(
    make: Any, tmp_path: Path, write_register: Any, study_entries: Any
) -> None:
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("needs ssh-keygen")
    study, key = make(), tmp_path / "id"
    subprocess.run([program, "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    entries = study_entries(study.home)
    entries["roles"]["people"]["cy"] = {
        "role": "other",
        "ssh_key": key.with_suffix(".pub").read_text("utf-8"),
    }
    write_register(study.home, entries, by=("ana",))
    assert "nothing is stopped" in study("approve", "--by", "cy", "--key", key)
    assert [one for action in Action for one in stops(study.home, action, TODAY)] == []
    no_key = tmp_path / "no-key"
    no_key.write_text("nothing", "ascii")
    assert "SSH_KEYGEN_FAILED register" in study("approve", "--by", "cy", "--key", no_key)


def test_status_warns_and_says_what_is_stopped(
    make: Any, write_register: Any, study_entries: Any
) -> None:
    home = make().home
    entries = study_entries(home)
    entries["ethics"]["review_by"] = TODAY
    entries["communications"]["decision"] = "draft"
    write_register(home, entries)
    stopped = "The study register stops publish: communications STUDY_ENTRY_DRAFT"
    assert register_lines(home, TODAY - timedelta(days=14)) == [
        f"{stopped} (`tideline study check`)",
        "To be reviewed by 2026-10-15: ethics, which stops collect after that day",
    ]
    assert when_due(home, TODAY) == "due: it waits, for the study register stops publishing"
    assert register_lines(home, TODAY + timedelta(days=1)) == [
        "The study register stops collect: ethics STUDY_ENTRY_OVERDUE (`tideline study check`)",
        f"{stopped} (`tideline study check`)",
    ]


def test_a_made_up_home_makes_its_own_and_a_first_look_has_none(make: Any, tmp_path: Path) -> None:
    study = make(Mode.SYNTHETIC, contact="Nobody: everything here is made up")
    assert "STUDY_REGISTER_MISSING" in study("check")
    assert "all made up" in study("new")
    assert "nothing is stopped" in study("check")
    # Made anew after a change of home.yaml, which had stopped it.
    path = study.home.root / "home.yaml"
    path.write_text(path.read_text("utf-8").replace("score_lifetime_days: 35", ""), "utf-8")
    assert "nothing is stopped" in study("check")
    path.write_text(path.read_text("utf-8") + "score_lifetime_days: 21\n", "utf-8")
    assert "STUDY_ENTRY_CONTRADICTED retention" in study("check")
    study("new")
    assert "nothing is stopped" in study("check")
    assert "fill in every TODO" in study("new", "--to", tmp_path / "mine.yaml")


OLD = {
    "need_and_benefit": "To see how care workers fare.",
    "controller": "London School of Economics",
    "lawful_basis": "Public task.",
    "article_9_condition": "Research.",
    "dpia": "not done",
    "ethics_approval": "REFUSED",
    "platform_permission": "denied",
    "terms_last_checked": "never",
    "notice": "Version 3",
    "retention": "As in home.yaml",
    "contact": "care-study@lse.ac.uk",
}


def test_an_older_record_comes_along_as_drafts_that_name_what_is_missing(make: Any) -> None:
    study = make()
    path = study.home.root / "study.yaml"
    written = {
        name: {"text": text, "date": date(2026, 5, 4), "reviewer": "A. Reviewer"}
        for name, text in OLD.items()
    }
    path.write_text(yaml.safe_dump(written), "utf-8")
    before = path.read_bytes()
    assert "STUDY_REGISTER_UNREADABLE" in study("check")
    bring_register_along(study.home)
    assert (study.home.root / "study-before-register.yaml").read_bytes() == before
    text = path.read_text("utf-8")
    assert text.count("# MISSING: ") == len(STOPS)
    register = read_register(path)
    assert register.entries["dpia"]["reference"] == "not done"
    assert register.entries["platform_permission"]["reference"] == "denied; never"
    assert {one["decision"] for one in register.entries.values()} == {"draft"}
    found = {
        (one.entry, one.code)
        for action in Action
        for one in stops(study.home, action, TODAY)
        if one.code != "STUDY_ENTRY_UNAPPROVED"
    }
    refused = {"ethics"}
    assert found == {
        (one, "STUDY_ENTRY_REFUSED" if one in refused else "STUDY_ENTRY_DRAFT") for one in STOPS
    }
    after = path.read_bytes()
    bring_register_along(study.home)
    assert path.read_bytes() == after


def test_an_older_made_up_home_gets_a_made_up_register(make: Any) -> None:
    study = make(Mode.SYNTHETIC, contact=CONTACT_NOT_SET)
    bring_register_along(study.home)
    home = load_home(study.home.root)
    assert home.config.contact == "Nobody: everything here is made up"
    assert [one for action in Action for one in stops(home, action, TODAY)] == []


def test_the_manual_has_the_table_and_every_code() -> None:
    manual = MANUAL.read_text("utf-8")
    for name, actions in STOPS.items():
        cells = ["yes" if one in actions else "" for one in (Action.COLLECT, Action.PUBLISH)]
        assert f"| `{name}` | {' | '.join(cells)} |\n" in manual
    of_entries = {one for one in CATALOGUE if one.startswith("STUDY_ENTRY_")}
    assert all(f"`{one}`" in manual for one in of_entries)
