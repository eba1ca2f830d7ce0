"""What WhatsApp itself writes in place of a message, as whole-line templates.

A template is tried on a whole line only: people type the same words inside their own sentences.
"""

import re

MEDIA = frozenset(
    {
        # Android, one phrase for every kind of media
        "<Media omitted>", "<Video message omitted>", "<Medien ausgeschlossen>",
        "<Medien weggelassen>", "<Multimedia omitido>", "<Archivo omitido>", "<Médias omis>",
        "<Media omessi>", "<Media omesso>", "<Mídia oculta>", "<Arquivo de mídia oculto>",
        "<Ficheiro não revelado>", "<Media weggelaten>", "<Pominięto multimedia>",
        "<pominięto multimedia>", "<Media utelämnat>", "<Medier utelatt>", "<Mediefil udeladt>",
        "<Media jätettiin pois>", "<Médium vynecháno>", "<Médiá vynechané>", "<Fișier media omis>",
        "<Fișiere media omise>", "<Hiányzó médiafájl>", "<Без медиафайлов>", "<Файл пропущен>",
        "<Медіафайл пропущено>", "<Medya dahil edilmedi>", "<Medya atlanmış>",
        "<Media tidak disertakan>",
        "<Media dikecualikan>", "<Εξαιρούνται πολυμέσα>", "<मीडिया छोड़ा गया>",
        "<মিডিয়া বাদ দেওয়া হয়েছে>",
        "<تم استبعاد الوسائط>", "<המדיה לא נכללה>",
        "<省略媒體檔>", "<省略多媒体文件>", "<媒体文件已忽略>",
        "<メディアなし>", "<メディアは含まれていません>", "<미디어 파일 제외>",
        "<Bỏ qua tệp Phương tiện>",
        # no media, yet nothing typed
        "Waiting for this message. This may take a while.",
        "Waiting for this message. Check your phone.",
        "live location shared", "Live location shared",
        "Missed voice call", "Missed video call", "Missed group voice call",
        "Missed group video call",
    }
)  # fmt: skip

DELETED = frozenset(
    stem + stop
    for stop in ("", ".")
    for stem in (
        "This message was deleted", "You deleted this message",
        "This message was deleted by an admin", "You deleted this message as admin",
        "Diese Nachricht wurde gelöscht", "Du hast diese Nachricht gelöscht",
        "Se eliminó este mensaje", "Eliminaste este mensaje", "Este mensaje fue eliminado",
        "Ce message a été supprimé", "Vous avez supprimé ce message",
        "Questo messaggio è stato eliminato", "Hai eliminato questo messaggio",
        "Mensagem apagada", "Esta mensagem foi apagada", "Você apagou esta mensagem",
        "Dit bericht is verwijderd", "Je hebt dit bericht verwijderd",
        "Ta wiadomość została usunięta", "Usunięto tę wiadomość", "Acest mesaj a fost șters",
        "Ați șters acest mesaj", "Данное сообщение удалено", "Вы удалили данное сообщение",
        "Bu mesaj silindi", "Bu mesajı sildiniz", "Pesan ini telah dihapus",
    )
)  # fmt: skip

EDITED = (
    "<This message was edited>", "<Diese Nachricht wurde bearbeitet>", "<Se editó este mensaje.>",
    "<Se editó este mensaje>", "<Ce message a été modifié>",
    "<Questo messaggio è stato modificato>",
    "<Mensagem editada>", "<Esta mensagem foi editada>", "<Dit bericht is bewerkt>",
    "<Ta wiadomość została zedytowana>", "<Acest mesaj a fost editat>",
    "<Данное сообщение изменено>",
    "<Bu mesaj düzenlendi>",
)  # fmt: skip
_ATTACHED = (
    "file attached", "Datei angehängt", "archivo adjunto", "fichier joint", "file allegato",
    "arquivo anexado", "ficheiro anexado", "bestand bijgevoegd", "plik załączony",
    "fișier atașat", "файл добавлен", "dosya ekli", "berkas terlampir",
)  # fmt: skip
# A file's name, then the phrase, alone on the first line; a caption follows on the next.
ATTACHMENT = re.compile(
    r"[\u200e\u200f]?[^\n]{1,255}\.[A-Za-z0-9]{2,5} "
    rf"\((?:{'|'.join(_ATTACHED)})\)[ \u200e]*(?:\n|\Z)"
)
CARD = re.compile(
    rf"(?m)(?:^\u200e?(?P<android>[^\n]{{1,255}})\.vcf \((?:{'|'.join(_ATTACHED)})\)"
    r"|<[^\n<>]{0,40}: \d+-(?P<ios>[^\n<>]{1,255})\.vcf>)"
)
PLACE = re.compile(
    r"\u200e?[Ll]ocation: https?://\S+(?:\s|\Z)|[^\n]*\n?\u200e?https?://foursquare\.com/v/\S+\Z"
)
POLL = re.compile(
    r"\u200e?(?:POLL|ENCUESTA|UMFRAGE|SONDAGE|SONDAGGIO|ENQUETE|ANKIETA|PEILING):(?= ?\n)"
)
CALL = re.compile(
    r"\u200e?(?:(?:Missed |Silenced )?(?:group )?(?:voice|video) call"
    r"|(?:Voice|Video) call)(?:[.,](?: [^\n]{0,40})?)?\Z"
)

_NOTICE_OPENINGS = (
    "Messages and calls are end-to-end encrypted",
    "Messages to this chat and calls are now secured with end-to-end encryption",
    "Messages to this group are now secured with end-to-end encryption",
    "Messages you send to this chat and calls are now secured with end-to-end encryption",
    "Messages you send to this group are now secured with end-to-end encryption",
    "Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt",
    "Los mensajes y las llamadas están cifrados de extremo a extremo",
    "Les messages et les appels sont chiffrés de bout en bout",
    "I messaggi e le chiamate sono crittografati end-to-end",
    "As mensagens e as chamadas são protegidas com a criptografia de ponta a ponta",
    "As mensagens e as ligações são protegidas com a criptografia de ponta a ponta",
    "Berichten en oproepen worden end-to-end versleuteld",
)  # fmt: skip
ENCRYPTION = re.compile(
    rf"\u200e?(?:{'|'.join(map(re.escape, _NOTICE_OPENINGS))})\.(?: [^\n]{{0,200}})?\Z"
)

_WHO = "(?P<who>.{1,120}?)"
_PEOPLE = "(?P<people>.{1,2000}?)"
_TITLE = '["“](?P<title>.{1,200}?)["”]'
_NEW_TITLE = '["“](?P<new_title>.{1,200}?)["”]'
_ITS = "(?:the|this) group(?:['’]s)?"
_PICTURE = "(?:icon|description|settings|photo|picture)"

# On a line led by U+200E, which nobody types, or without a sender; names are for the roster.
EVENTS = tuple(
    re.compile(rf"\u200e?{template}\.?\Z")
    for template in (
        rf"{_WHO} created (?:this )?group(?: {_TITLE})?",
        rf"{_WHO} changed the (?:subject|group name) from {_TITLE} to {_NEW_TITLE}",
        rf"{_WHO} changed the (?:subject|group name) to {_TITLE}",
        rf"{_WHO} (?:changed|deleted|removed) {_ITS} {_PICTURE}.{{0,120}}",
        rf"{_WHO} changed their phone number.{{0,160}}",
        rf"{_WHO} changed to (?P<people>\+.{{5,60}}?)",
        rf"{_WHO} added {_PEOPLE}",
        rf"{_PEOPLE} (?:was|were) (?:added|removed)",
        rf"{_WHO} removed {_PEOPLE}",
        rf"{_WHO} left",
        rf"{_WHO} joined(?: (?:using|from|via|the group).{{0,120}})?",
        rf"{_WHO} requested to (?:join|add).{{0,200}}",
        r"You(?:['’]re| are) (?:now|no longer) an? (?:group |community )?admin",
        rf"{_WHO} (?:is|are) (?:now|no longer) an? (?:group |community )?admin",
        rf"{_WHO} turned (?:on|off) .{{1,200}}",
        rf"{_WHO} (?:updated|set) the (?:default )?message timer.{{0,200}}",
        rf"{_WHO} (?:started|ended) a (?:group )?(?:voice |video )?call",
        rf"{_WHO} pinned a message",
        rf"{_WHO} reset {_ITS} invite link.{{0,80}}",
        rf"{_WHO} is a contact",
        rf"{_WHO} (?:un)?blocked this (?:contact|business).{{0,80}}",
        rf"Your security code with {_WHO} changed.{{0,80}}",
        rf"{_WHO}['’]s security code changed.{{0,80}}",
        r"Disappearing messages (?:were|are) (?:now )?(?:turned )?(?:on|off).{0,300}",
        r"This (?:group|chat|business|community) .{1,300}",
        r"Only .{1,80} can .{1,200}",
        r"Messages? .{1,300}",
    )
)
