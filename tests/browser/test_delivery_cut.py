"""What a browser cuts and seals reads as the whole export does, and holds nothing of other days."""

import base64
import hashlib
import io
import random
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyrage
import pytest
import yaml
from served_portal import STATIC, served
from whatsapp_forms import FORMS, Form

from assets.restricted.collection import Export, read_export
from assets.restricted.collection.browser_words import browser_words
from assets.restricted.collection.roll_call import roll_call

pytestmark = pytest.mark.browser

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 22, 12, tzinfo=LONDON)
FROM = date(2026, 11, 9)
TOLD_ON = date(2026, 9, 1)
LRM = "\u200e"
OBJECTION = "Please leave my messages out of Tideline!"
ENCRYPTION = "Messages and calls are end-to-end encrypted. Only people in this chat can read them."
SECRET = "SECRET"
IDENTITY = pyrage.x25519.Identity.generate()
LANGUAGES = Path(__file__).parents[1] / "collection" / "wordings" / "by_language.yaml"

CUT = """
const [jobs, recipient, done] = arguments;
(async () => {
  const modules = ['chats', 'deliverable', 'seal']
    .map((one) => import(`/static/delivery/${one}.js`));
  const [{ chatsIn }, { deliverable }, { sealed }] = await Promise.all(modules);
  const all = [];
  for (const job of jobs) {
    try {
      const file = new Blob([Uint8Array.from(atob(job.file), (one) => one.charCodeAt(0))]);
      const chats = await chatsIn(file);
      const found = await deliverable(chats[job.chat], job);
      const bytes = new Uint8Array(
        await new Response(await sealed(found.stream(), recipient, job.you)).arrayBuffer());
      all.push({ sealed: btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join('')),
        kept: found.kept, chats: chats.length, you: found.you });
    } catch (error) { all.push({ code: error.code ?? String(error.stack ?? error) }); }
  }
  done(all);
})();
"""


@dataclass(frozen=True)
class Case:
    """An export, and what a browser is asked to deliver of it."""

    name: str
    export: bytes = field(repr=False)
    first: date = FROM
    last: date | None = None
    chat: int = 0
    you: str = ""


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    with served(tmp_path_factory.mktemp("portal")) as one:
        yield one


@pytest.fixture
def browser(driver, portal):
    driver.get(portal.url)
    portal.sent.clear()
    return driver


def cut_all(browser, cases: Sequence[Case]) -> list[dict[str, Any]]:
    epoch = date(1970, 1, 1)
    jobs = [
        {
            "file": base64.b64encode(one.export).decode(),
            "chat": one.chat,
            "you": one.you,
            "from": (one.first - epoch).days,
            "today": (NOW.date() - epoch).days,
        }
        | ({} if one.last is None else {"to": (one.last - epoch).days})
        for one in cases
    ]
    return browser.execute_async_script(CUT, jobs, str(IDENTITY.to_public()))


def opened(answer: dict[str, Any]) -> bytes:
    return pyrage.decrypt(base64.b64decode(answer["sealed"]), [IDENTITY])


def read(content: bytes) -> Export:
    return read_export(io.BytesIO(content), "greater_london", now=NOW)


def of_days(export: Export, first: date, last: date | None = None) -> list[tuple[Any, ...]]:
    return [
        (one.sent_at, one.author, one.kind, one.text, one.doubtful, one.unnamed, one.person)
        for one in export.messages
        if first <= one.sent_at.date() and (last is None or one.sent_at.date() <= last)
    ]


def must_read_alike(case: Case, answer: dict[str, Any]) -> bytes:
    assert "sealed" in answer, (case.name, answer)
    content = opened(answer)
    whole, own = read(case.export), read(content)
    assert of_days(own, case.first, case.last) == of_days(whole, case.first, case.last), case.name
    assert answer["kept"] >= len(of_days(own, case.first, case.last)) > 0, case.name
    told = [roll_call(one.messages, told_on=TOLD_ON, opt_in_group=False) for one in (own, whole)]
    known = {
        name: day
        for name, day in told[1].first_day.items()
        if case.last is None or day <= case.last
    }
    assert told[0].first_day == known, case.name
    assert sorted(told[0].sayings) == sorted(told[1].sayings), case.name
    for one in ("date_order", "shape", "unsure_reasons", "privacy_on_times"):
        assert getattr(own.report, one) == getattr(whole.report, one), (case.name, one)
    assert own.roster == whole.roster, case.name
    before = [one for one in own.messages if one.sent_at.date() < case.first]
    assert {one.text for one in before if one.kind == "speech"} <= {OBJECTION}, case.name
    assert SECRET.encode() not in content, case.name
    return content


def chat(form: Form, last: datetime = datetime(2026, 11, 21, 18)) -> bytes:
    """Eight months: what people typed before `FROM` holds `SECRET`."""
    names = ["Ola B", "+44 7700 900123", "Ünal Ö", "李 小龙"]
    lines = []

    def add(when: datetime, body: str) -> None:
        lines.append(f"{form.header(when)}{body}{form.line_end}")

    when, number = datetime(2026, 3, 28, 13, 5, 1), 0
    while when < last:
        before = when.date() < FROM
        word = SECRET if before else "fine"
        name = names[number % 3]
        add(when, f"{name}: {word} {number} and so to bed")
        if number % 4 == 1:
            add(when + timedelta(minutes=2), f"{name}: two {word} lines\n- and a third\n\nend")
        if number % 5 == 2:
            add(when + timedelta(minutes=3), "Ola B: <Media omitted>")
        if number % 5 == 3:
            add(when + timedelta(minutes=3), "Ola B: This message was deleted")
        if number == 20:
            add(when + timedelta(minutes=4), f"Ünal Ö: {OBJECTION}")
        if not before and number % 2:
            add(when + timedelta(hours=1), f"{names[3]}: 10:30 is {word}, http://x.example/a")
        when += timedelta(days=3 if before else 1, hours=1, minutes=7)
        number += 1
    return "".join(lines).encode()


def test_every_header_form_reads_alike(browser) -> None:
    cases = [Case(form.name, chat(form)) for form in FORMS]
    for case, answer in zip(cases, cut_all(browser, cases), strict=True):
        must_read_alike(case, answer)


def spoken(language: str, words: dict[str, Any], *, ios: bool) -> Case:
    """A chat as a phone of one language writes it, every listed line of it on both sides."""
    header, lines = words["ios" if ios else "android"], []
    when = datetime(2026, 10, 14, 9)

    def add(body: str) -> None:
        nonlocal when
        when += timedelta(minutes=11)
        lines.append(f"{when.strftime(header)}{body}")

    def led(line: str) -> str:
        return f"Rota: {LRM}{line}" if ios else line

    encryption = next((one for one in words["notices"] if len(one) > 60), ENCRYPTION)
    add(led(encryption))
    for half in (SECRET, "fine"):
        for notice in words["notices"]:
            if ": " not in notice:
                add(led(notice))
        for number, typed in enumerate(words["typed"]):
            add(f"{('Ola', 'Ben')[number % 2]}: {half if half == SECRET else typed}")
        for marker in words["left_out"] if ios else words["media"]:
            add(f"Cy: {LRM if ios else ''}{marker}")
        for marker in words["deleted"]:
            add(f"Ben: {LRM if ios else ''}{marker}")
        for marker in words["edited"]:
            add(f"Ola: {half} {LRM if ios else ''}{marker}")
        when = datetime(2026, 11, 15, 9)
    end = "\r\n" if ios else "\n"
    return Case(f"{language} {ios}", "".join(line + end for line in lines).encode())


def test_every_language_reads_alike(browser) -> None:
    listed = yaml.safe_load(LANGUAGES.read_text("utf-8"))
    cases = [
        spoken(name, words, ios=ios) for name, words in listed.items() for ios in (False, True)
    ]
    for case, answer in zip(cases, cut_all(browser, cases), strict=True):
        must_read_alike(case, answer)


def entry(when: datetime, body: str) -> str:
    return f"{when:%d/%m/%Y, %H:%M} - {body}\n"


def android(*bodies: tuple[datetime, str]) -> bytes:
    return "".join(entry(when, body) for when, body in bodies).encode()


EARLY, OPEN = datetime(2026, 10, 20, 9), datetime(2026, 11, 15, 9)


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return packed.getvalue()


def web(*bodies: tuple[datetime, str], opening: Sequence[str] = (ENCRYPTION,)) -> bytes:
    lines = [
        f"[{when.month}/{when.day}/{when:%y}, {when.hour % 12 or 12}:{when:%M:%S} "
        f"{'AM' if when.hour < 12 else 'PM'}] {body}"
        for when, body in bodies
    ]
    return "\n".join([*opening, *lines, ""]).encode()


def test_web_exports_read_alike_with_who_you_are_left_open(browser) -> None:
    bodies = (
        (EARLY, "- Ola added Ben"),
        (EARLY, f"You: {SECRET}"),
        (EARLY, f"Ben: {SECRET}"),
        (OPEN, "You: on tonight"),
        (OPEN, "Ben: <image omitted> with words"),
        (OPEN, "- Ben left"),
    )
    cases = [
        Case("text", web(*bodies)),
        Case("zip", zipped(chat_dot_txt=web(*bodies), chat_dot_md=b"# " + SECRET.encode())),
    ]
    for case, answer in zip(cases, cut_all(browser, cases), strict=True):
        content = must_read_alike(case, answer)
        assert {one.author for one in read(content).messages if one.unnamed} == {"You"}


def test_of_a_zip_the_text_alone_is_taken(browser) -> None:
    text = android((EARLY, f"Ola: {SECRET}"), (EARLY, f"Bo: {SECRET}"), (OPEN, "Ola: tea"))
    other = android((OPEN, f"Cy: {SECRET}"))
    picture = (SECRET.encode() + hashlib.sha256(b"made up").digest()) * 4000
    export = zipped(
        **{
            "IMG-1_dot_jpg": picture,
            "notes_dot_txt": SECRET.encode(),
            "a__WhatsApp Chat with Rota_dot_txt": text,
            "z__WhatsApp Chat with Nights_dot_txt": other,
        }
    )
    (answer,) = cut_all(browser, [Case("zip", export)])
    assert answer["chats"] == 2
    alone = zipped(**{"IMG-1_dot_jpg": picture, "notes_dot_txt": b"-", "chat_dot_txt": text})
    content = opened(answer)
    assert of_days(read(content), FROM) == of_days(read(alone), FROM)
    assert SECRET.encode() not in content
    assert len(content) < len(text) + 100


def test_of_each_sender_before_only_the_first_day_stays(browser) -> None:
    export = android(
        (datetime(2026, 3, 28, 9), "Ola created group “Rota”"),
        (datetime(2026, 3, 29, 9), f"Ola: {SECRET}"),
        (datetime(2026, 3, 30, 9), f"Ola: {SECRET}"),
        (datetime(2026, 4, 2, 9), f"Ben: {SECRET}"),
        (datetime(2026, 4, 3, 9), "Ola turned on advanced chat privacy"),
        (datetime(2026, 11, 8, 23, 59), f"Ola: {SECRET}"),
        (datetime(2026, 11, 9, 0, 0), "Ola: first"),
        (datetime(2026, 11, 12, 0, 0), "Ben: last"),
        (datetime(2026, 11, 13, 0, 0), f"Ben: {SECRET}"),
    )
    (answer,) = cut_all(browser, [Case("days", export, last=date(2026, 11, 12))])
    assert opened(answer).decode() == (
        "28/03/2026, 09:00 - Ola created group “Rota”\n"
        "29/03/2026, 09:00 - Ola: <Media omitted>\n"
        "02/04/2026, 09:00 - Ben: <Media omitted>\n"
        "03/04/2026, 09:00 - Ola turned on advanced chat privacy\n"
        "09/11/2026, 00:00 - Ola: first\n"
        "12/11/2026, 00:00 - Ben: last"
    )


def test_what_a_person_typed_like_a_notice_does_not_stay(browser) -> None:
    lines = [
        f"[20/10/2026, 09:0{n}:00] Ola: {LRM}{body}"
        for n, body in enumerate([ENCRYPTION, f"{SECRET} led", f"{SECRET} again"])
    ]
    lines += [
        "[21/10/2026, 09:00:00] Ola: typed without a mark",
        f"[22/10/2026, 09:00:00] Ben: {LRM}{SECRET}",
        "[15/11/2026, 09:00:00] Ben: tea",
    ]
    (answer,) = cut_all(browser, [Case("typed", "".join(one + "\r\n" for one in lines).encode())])
    assert opened(answer).decode().split("\r\n")[-3:] == [
        "[22/10/2026, 09:00:00] Ben: <Media omitted>",
        "[15/11/2026, 09:00:00] Ben: tea",
        "",
    ]
    assert SECRET.encode() not in opened(answer)
    assert b"typed" not in opened(answer)


def test_the_order_of_dates_is_that_of_the_whole_file(browser) -> None:
    def american(when: datetime, body: str) -> str:
        return f"{when.month}/{when.day}/{when:%y}, {when.hour % 12 or 12}:{when:%M} AM - {body}\n"

    days = [datetime(2026, 10, 25, 9), datetime(2026, 10, 29, 9)]
    days += [datetime(2026, 11, day, 9) for day in range(9, 13)]
    text = "".join(
        american(when, f"Ola: {SECRET if when.date() < FROM else 'tea'}") for when in days
    )
    case = Case("american", text.encode())
    (answer,) = cut_all(browser, [case])
    must_read_alike(case, answer)


BROKEN_ZIP = zipped(chat_dot_txt=android((OPEN, "Ola: tea")) * 50)
REFUSED = {
    "EMPTY": b"",
    "NO_CHAT": b"dear diary\n",
    "NOT_UTF8": android((OPEN, "Ola: tea")) + b"\xff\xfe\n",
    "ZIP_DAMAGED": BROKEN_ZIP[:-30],
    "NO_YEAR": b"15 Mar 14:05 - Ola: hello\n20 Nov 09:00 - Ola: later\n",
    "DATE_ORDER": android((datetime(2026, 11, 20, 9), "Ola: a"))
    + b"11/20/2026, 10:00 - Ola: b\n"
    + android((datetime(2026, 11, 21, 9), "Ola: c")),
    "OUT_OF_ORDER": android((OPEN, "Ola: she wrote"), (EARLY, f"Bo: {SECRET}"), (OPEN, "Ola: so")),
    "FUTURE": android((OPEN, "Ola: a"), (datetime(2027, 3, 1), "Ola: b")),
    "EXPORTER": web((OPEN, "Du: hallo"), opening=("Nothing that anybody knows",)),
    "NAME_WITH_COLON": android(
        (EARLY, f"Who?: Me?: {SECRET}"), (OPEN, "Who?: Me?: yes"), (OPEN, "Who?: Me?: no")
    ),
    "NOTHING_NEW": android((EARLY, f"Ola: {SECRET}")),
    "FORMS_MIXED": android((OPEN, "Ola: tea")) * 9
    + b"".join(b"[20.10.24, 10:0%d:00] Bo: SECRET\n" % n for n in range(5)),
    "LINE_ENDS": b"\r".join(android((OPEN, "Ola: tea")) for _ in range(3)).replace(b"\n", b"\r"),
}


def test_what_is_not_certain_is_refused_and_nothing_is_sent(browser, portal) -> None:
    answers = cut_all(browser, [Case(code, export) for code, export in REFUSED.items()])
    assert {code: answer.get("code") for code, answer in zip(REFUSED, answers, strict=True)} == {
        code: code for code in REFUSED
    }
    assert [method for method, _, body in portal.sent if method != "GET" or body] == []


def test_the_words_are_those_of_the_reader() -> None:
    assert (STATIC / "delivery" / "header_words.js").read_text("utf-8") == browser_words()


def test_the_library_that_seals_is_the_one_recorded() -> None:
    library = STATIC / "vendor" / "age.js"
    digest = hashlib.sha256(library.read_bytes()).hexdigest()
    notice = (STATIC.parents[2] / "NOTICE").read_text("utf-8")
    assert digest in notice
    assert (STATIC / "vendor" / "LICENSE-age-encryption.txt").is_file()


UPLOAD = """
const [path, recipient, from, today, done] = arguments;
(async () => {
  const modules = ['chats', 'cut', 'seal', 'upload']
    .map((one) => import(`/static/delivery/${one}.js`));
  const [{ chatsIn }, { cut }, { sealed }, { upload }] = await Promise.all(modules);
  const file = document.querySelector('input').files[0];
  const [chat] = await chatsIn(file);
  const found = await cut(chat, { from, today });
  const seen = [];
  const receipt = await upload(await sealed(found.stream(), recipient), path,
    { size: 1 << 16, wait: async () => {}, progress: (bytes) => seen.push(bytes) });
  done([receipt, seen]);
})().catch((error) => done(String(error.stack)));
"""


def test_a_delivery_with_a_bad_connection_arrives_once_and_no_plain_byte_leaves(
    browser, portal, tmp_path
) -> None:
    text = android(
        (EARLY, f"Olawande: {SECRET}"),
        *((OPEN + timedelta(minutes=n), f"Olawande: PLAIN{n} " + "tea " * 20) for n in range(4000)),
    )
    path = tmp_path / f"WhatsApp Chat with {SECRET}.zip"
    path.write_bytes(
        zipped(**{"PLAIN_dot_jpg": b"PLAIN" * 999, "WhatsApp Chat with Rotaplan_dot_txt": text})
    )
    browser.execute_script("document.body.innerHTML = '<label>file <input type=file></label>'")
    browser.find_element("css selector", "input").send_keys(str(path))
    torn: list[int] = []

    def fails(number: int, path: str) -> bool:
        if not torn and (offset := path.partition("?offset=")[2]) not in ("", "0"):
            # As a server that is killed while it writes a piece.
            (part,) = (one for one in portal.pieces.rglob("*.part") if one.stat().st_size)
            assert part.stat().st_size == int(offset)
            part.write_bytes(part.read_bytes() + portal.sent[-1][2][:777])
            torn.append(number)
            return True
        return "/pieces" in path and number % 3 == 1

    portal.fails = fails
    portal.answers_lost = lambda number, path: "/pieces" in path and number % 3 == 2
    epoch = date(1970, 1, 1)
    days = (FROM - epoch).days, (NOW.date() - epoch).days
    found = browser.execute_async_script(UPLOAD, "/pieces", str(IDENTITY.to_public()), *days)
    portal.fails = portal.answers_lost = lambda number, path: False
    assert isinstance(found, list), found
    (file,) = portal.arrived()
    content = pyrage.decrypt(file.read_bytes(), [IDENTITY])
    assert of_days(read(content), FROM) == of_days(read(text), FROM)
    assert found[1][-1] == file.stat().st_size > 3 << 16
    assert file.name.endswith(f"-{hashlib.sha256(file.read_bytes()).hexdigest()}.age")
    assert list(found[0]) == ["destroyed_on"]
    # One of which the first answer was lost was never begun.
    assert all(one.stat().st_size == 0 for one in portal.pieces.rglob("*.part"))
    posted = [(target, body) for method, target, body in portal.sent if method == "POST"]
    assert len(posted) > 8
    assert len(torn) == 1
    everything = b"".join(target.encode() + body for target, body in posted)
    # None so short that sealed bytes, which are as good as random, hold it by chance.
    for plain in (SECRET, "PLAIN", "Olawande", "Rotaplan", "WhatsApp", "15/11/"):
        assert plain.encode() not in everything


def disordered(seed: int) -> Case:
    """A chat with late messages, and with headers inside what people typed."""
    chance = random.Random(seed)
    form = chance.choice(FORMS)
    names = ["Ola B", "+44 7700 900123", "~ Zed", "Jo-Jo 🌻", "Who?", "Bo: nights"]
    names = names[: chance.choice((3, 4, 4, 4, 5, 6))]
    when, lines = datetime(2026, 9, 20, 9), []
    while when < datetime(2026, 11, 20):
        stamp = when - timedelta(minutes=chance.choice((0,) * 30 + (1, 5, 9, 30, 600)))
        word = SECRET if stamp.date() < FROM else "fine"
        body = " ".join(chance.choices((word, "tea", "12:30", "a: b", "1/2/26", "\u200e"), k=4))
        if chance.random() < 0.1:
            body += form.line_end.replace("\r", "") + "more " + word
        if chance.random() < 0.03:
            other = chance.choice((form, chance.choice(FORMS)))
            copied = when + timedelta(days=chance.choice((-400, -30, -2, -1, 0, 1, 30)))
            body += f"\n{other.header(copied)}Cy: {word}"
        lines.append(f"{form.header(stamp)}{chance.choice(names)}: {body}{form.line_end}")
        when += timedelta(minutes=chance.choice((1, 20, 300, 3000)))
    return Case(f"{form.name} {seed}", "".join(lines).encode())


def test_whatever_is_in_disorder_is_refused_or_reads_alike(browser) -> None:
    cases = [disordered(seed) for seed in range(60)]
    refused = 0
    for case, answer in zip(cases, cut_all(browser, cases), strict=True):
        if "code" in answer:
            assert re.fullmatch("[A-Z_0-9]+", answer["code"]), (case.name, answer)
            refused += 1
            continue
        content = opened(answer)
        assert SECRET.encode() not in content, case.name
        whole, own = read(case.export), read(content)
        if not (whole.report.unsure_reasons or own.report.unsure_reasons):
            assert of_days(own, FROM) == of_days(whole, FROM), case.name
    assert 0 < refused < 50
