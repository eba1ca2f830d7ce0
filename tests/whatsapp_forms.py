"""How WhatsApp's clients write the header of an entry: the catalogue of forms, and a writer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

NNBSP, LRM, RLM, NBSP = "\u202f", "\u200e", "\u200f", "\u00a0"


@dataclass(frozen=True)
class Form:
    """How one phone writes a header, and what the report says of it."""

    name: str
    header: Callable[[datetime], str]
    order: str
    line_end: str = "\n"
    seconds: bool = False


def _ampm(pattern: str, am: str, pm: str) -> Callable[[datetime], str]:
    """`{I}` is the hour from 1 to 12 and `{P}` the mark; the rest is strftime."""

    def render(when: datetime) -> str:
        mark = am if when.hour < 12 else pm
        return when.strftime(pattern).format(
            I=when.hour % 12 or 12, P=mark, d=when.day, m=when.month
        )

    return render


def _at(pattern: str) -> Callable[[datetime], str]:
    return lambda when: when.strftime(pattern).format(d=when.day, m=when.month, H=when.hour)


_ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")


def _arabic(when: datetime) -> str:
    mark = "ص" if when.hour < 12 else "م"
    text = f"{when.day}{RLM}/{when.month}{RLM}/{when.year}، {when.hour % 12 or 12}:{when:%M} "
    return text.translate(_ARABIC) + f"{mark} - "


_RUSSIAN_MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября",
    "ноября", "декабря",
)  # fmt: skip


def _russian(when: datetime) -> str:
    return f"{when.day} {_RUSSIAN_MONTHS[when.month - 1]} {when.year} г., {when:%H:%M} - "


def _german_words(when: datetime) -> str:
    hour = when.hour
    word = (
        "nachts" if hour < 5 or hour > 22 else "morgens" if hour < 10 else "vorm." if hour < 12
        else "mittags" if hour < 14 else "nachm." if hour < 18 else "abends"
    )  # fmt: skip
    return f"{when:%d.%m.%y}, {hour % 12 or 12}:{when:%M} {word} - "


IOS = {"line_end": "\r\n", "seconds": True}

FORMS = (
    Form("android uk 24h", _at("%d/%m/%Y, %H:%M - "), "dmy"),
    Form("android uk 12h", _ampm("%d/%m/%Y, {I}:%M" + NNBSP + "{P} - ", "am", "pm"), "dmy"),
    Form("android uk 12h plain space", _ampm("%d/%m/%Y, {I}:%M {P} - ", "am", "pm"), "dmy"),
    Form("ios uk 24h", _at("[%d/%m/%Y, %H:%M:%S] "), "dmy", **IOS),
    Form("ios uk 12h", _ampm("[%d/%m/%Y, {I}:%M:%S" + NNBSP + "{P}] ", "am", "pm"), "dmy", **IOS),
    Form("android us", _ampm("{m}/{d}/%y, {I}:%M {P} - ", "AM", "PM"), "mdy"),
    Form("android us nnbsp", _ampm("{m}/{d}/%y, {I}:%M" + NNBSP + "{P} - ", "AM", "PM"), "mdy"),
    Form("android us no space", _ampm("{m}/{d}/%y, {I}:%M{P} - ", "AM", "PM"), "mdy"),
    Form("ios us", _ampm("[{m}/{d}/%y, {I}:%M:%S" + NNBSP + "{P}] ", "AM", "PM"), "mdy", **IOS),
    Form("android india", _ampm("%d/%m/%y, {I}:%M {P} - ", "am", "pm"), "dmy"),
    Form("android italy", _at("%d/%m/%y, %H:%M - "), "dmy"),
    Form("android south africa", _at("%Y/%m/%d, %H:%M - "), "ymd"),
    Form("android canada", _ampm("%Y-%m-%d, {I}:%M {P} - ", "a.m.", "p.m."), "ymd"),
    Form(
        "android spain nbsp",
        _ampm("{d}/{m}/%y, {I}:%M" + NNBSP + "{P} - ", f"a.{NBSP}m.", f"p.{NBSP}m."), "dmy",
    ),
    Form("android spain no comma", _at("{d}/{m}/%y {H}:%M - "), "dmy"),
    Form("ios germany", _at("[%d.%m.%y, %H:%M:%S] "), "dmy", **IOS),
    Form("android germany", _at("%d.%m.%y, %H:%M - "), "dmy"),
    Form("android germany words", _german_words, "dmy"),
    Form("android germany um", _at("%d.%m.%y um %H:%M - "), "dmy"),
    Form("android netherlands", _at("%d-%m-%Y %H:%M - "), "dmy"),
    Form("android france", _at("%d/%m/%Y à %H:%M - "), "dmy"),
    Form("android finland", _at("{d}.{m}.%Y klo {H}.%M - "), "dmy"),
    Form("android denmark", _at("%d.%m.%Y kl. %H.%M - "), "dmy"),
    Form("ios indonesia", _at("[%d/%m/%y %H.%M.%S] "), "dmy", **IOS),
    Form("ios vietnam", _at("[%H:%M:%S, %d/%m/%y] "), "dmy", **IOS),
    Form(
        "ios thailand",
        lambda w: f"[{w.day}/{w.month}/{w.year + 543} BE, {w:%H:%M:%S}] ", "dmy", **IOS,
    ),
    Form(
        "android thailand bare",
        lambda w: f"{w.day}/{w.month}/{w.year + 543} {w:%H:%M} - ", "dmy",
    ),
    Form(
        "ios japan era",
        lambda w: f"[{w.month}/{w.day}/R{w.year - 2018}, {w:%H:%M:%S}] ", "mdy", **IOS,
    ),
    Form("android japan", _at("%Y/%m/%d %H:%M - "), "ymd"),
    Form("ios japan 12h", _ampm("[%Y/%m/%d {P}{I}:%M:%S] ", "午前", "午後"), "ymd", **IOS),
    Form("android japan kanji", _at("%Y年{m}月{d}日 %H:%M - "), "ymd"),
    Form("android china", _ampm("%Y/{m}/{d} {P}{I}:%M - ", "上午", "下午"), "ymd"),
    Form("android korea", _ampm("%Y. {m}. {d}. {P} {I}:%M - ", "오전", "오후"), "ymd"),
    Form("android hungary", _at("%Y. %m. %d. %H:%M - "), "ymd"),
    Form("android czechia", _at("{d}. {m}. %Y %H:%M - "), "dmy"),
    Form("android croatia", _at("%d.%m.%Y. %H:%M - "), "dmy"),
    Form("android bulgaria", _at("%d.%m.%y г., %H:%M - "), "dmy"),
    Form("android bulgaria hours", _at("%d.%m.%y г., %H:%M ч. - "), "dmy"),
    Form("android russia named", _russian, "dmy"),
    Form("android korea words", _at("%Y년 {m}월 {d}일 %H:%M - "), "ymd"),
    Form("android albania", _ampm("{d}.{m}.%y, {I}:%M {P} - ", "e paradites", "e pasdites"), "dmy"),
    Form("android kenya", _ampm("%d/%m/%Y, {I}:%M {P} - ", "Asubuhi", "Alasiri"), "dmy"),
    Form("android arabic marks", _at("%d/%m/%Y،\u200f %H:%M - "), "dmy"),
    Form("underscore", _ampm("%d/%m/%Y, {I}:%M_{P} - ", "am", "pm"), "dmy"),
    Form("two spaces", _at("%d/%m/%Y,  %H:%M - "), "dmy"),
    Form("tab", _at("%d/%m/%Y,\t%H:%M - "), "dmy"),
    Form("iso", _at("%Y-%m-%dT%H:%M:%S - "), "ymd", seconds=True),
    Form("android greece", _ampm("{d}/{m}/%y, {I}:%M {P} - ", "π.μ.", "μ.μ."), "dmy"),
    Form("android turkey", _at("%d.%m.%Y %H:%M - "), "dmy"),
    Form("android sweden", _at("%Y-%m-%d %H:%M - "), "ymd"),
    Form("android arabic", _arabic, "dmy"),
    Form("android hindi", lambda w: f"{w:%d/%m/%y, %H:%M}".translate(_DEVANAGARI) + " - ", "dmy"),
    Form(
        "android afternoon",
        _ampm("%d/%m/%Y, {I}:%M {P} - ", "in the morning", "in the afternoon"), "dmy",
    ),
    Form("named month", _at("{d} %b %Y %H:%M - "), "dmy"),
    Form("time, named month", _at("{H}:%M, {d} %b %Y - "), "dmy"),
    Form("us named month", _at("%b {d}, %Y, %H:%M - "), "dmy"),
    Form("old dashes", _at("%d/%m/%Y %H:%M:%S: "), "dmy", seconds=True),
    Form("old semicolon", _at("%d.%m.%Y - %H:%M:%S; "), "dmy", seconds=True),
    Form("en dash", _at("%d/%m/%Y, %H:%M – "), "dmy"),
    Form("seconds, no brackets", _at("%d/%m/%Y, %H:%M:%S - "), "dmy", seconds=True),
    Form("marked lines", lambda w: f"{LRM}{w:%d/%m/%Y, %H:%M} - ", "dmy"),
    Form(
        "isolated parts",
        lambda w: f"[\u2068{w:%d/%m/%Y}\u2069, {LRM}{w:%H:%M:%S}] ", "dmy", **IOS,
    ),
)  # fmt: skip


def render(form: Form, entries: list[tuple[datetime, str, str]], *, bom: bool = False) -> bytes:
    """Write entries as that phone does, each with its line end."""
    lines = [f"{form.header(when)}{name}: {text}" for when, name, text in entries]
    return (("\ufeff" if bom else "") + "".join(line + form.line_end for line in lines)).encode()
