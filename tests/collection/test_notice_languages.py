"""Each row of the catalogue in twenty-one phone languages, under that language's own header."""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from assets.restricted.collection import Export, read_export

NOW = datetime(2026, 11, 22, tzinfo=ZoneInfo("Europe/London"))
LRM = "\u200e"


@dataclass(frozen=True)
class Phone:
    """What one phone writes; `{who}` adds Ola, Ben is added, the group is Rota."""

    android: str
    ios: str
    encryption: str
    created: str
    subject: str
    added: str
    left: str
    number: str
    privacy: str
    media: str
    omitted: str
    deleted: str
    edited: str
    speech: str


PHONES = {
    "en": Phone(
        "%d/%m/%Y, %H:%M - ", "[%d/%m/%Y, %H:%M:%S] ",
        "Messages and calls are end-to-end encrypted. Only people in this chat can read them.",
        "Ola created group “Rota”", "Ola changed the group name from “Rota” to “Nights”",
        "Ola added Ben", "Ben left", "Ola changed their phone number to a new number.",
        "Ola turned on advanced chat privacy", "<Media omitted>", "image omitted",
        "This message was deleted", "<This message was edited>", "Ola added my hours, Ben left",
    ),
    "de": Phone(
        "%d.%m.%y, %H:%M - ", "[%d.%m.%y, %H:%M:%S] ",
        "Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt. Niemand außerhalb kann sie lesen.",
        "Ola hat die Gruppe „Rota“ erstellt", "Ola hat den Betreff von „Rota“ zu „Nights“ geändert",
        "Ola hat Ben hinzugefügt", "Ben hat die Gruppe verlassen",
        "Ola hat die Telefonnummer gewechselt. Tippe, um zu schreiben.",
        "Ola hat den erweiterten Chat-Datenschutz aktiviert", "<Medien ausgeschlossen>",
        "Bild weggelassen", "Diese Nachricht wurde gelöscht", "<Diese Nachricht wurde bearbeitet>",
        "Ola hat Ben hinzugefügt, sagt sie",
    ),
    "es": Phone(
        "%d/%m/%y %H:%M - ", "[%d/%m/%y, %H:%M:%S] ",
        "Los mensajes y las llamadas están cifrados de extremo a extremo. Nadie más puede leerlos.",
        'Ola creó el grupo "Rota"', 'Ola cambió el nombre del grupo de "Rota" a "Nights"',
        "Ola añadió a Ben", "Ben salió del grupo", "Ola cambió su número de teléfono a uno nuevo.",
        "Ola activó la privacidad avanzada del chat", "<Multimedia omitido>", "imagen omitida",
        "Se eliminó este mensaje", "<Se editó este mensaje.>", "que Ben salió del grupo antes",
    ),
    "pt": Phone(
        "%d/%m/%Y %H:%M - ", "[%d/%m/%Y, %H:%M:%S] ",
        "As mensagens e as chamadas são protegidas com a criptografia de ponta a ponta. Não.",
        'Ola criou o grupo "Rota"', 'Ola mudou o nome de "Rota" para "Nights"',
        "Ola adicionou Ben", "Ben saiu", "Ola mudou o número de telefone para um novo número.",
        "Ola ativou a privacidade avançada da conversa", "<Mídia oculta>", "imagem ocultada",
        "Mensagem apagada", "<Mensagem editada>", "Ola adicionou Ben ontem, acho eu",
    ),
    "fr": Phone(
        "%d/%m/%Y à %H:%M - ", "[%d/%m/%Y, %H:%M:%S] ",
        "Les messages et les appels sont chiffrés de bout en bout. Aucun tiers ne peut les lire.",
        "Ola a créé le groupe « Rota »", "Ola a changé le sujet de « Rota » à « Nights »",
        "Ola a ajouté Ben", "Ben a quitté le groupe", "Ola a changé de numéro de téléphone.",
        "Ola a activé la confidentialité avancée de la discussion", "<Médias omis>",
        "image absente", "Ce message a été supprimé", "<Ce message a été modifié>",
        "on dit que Ben a quitté le groupe",
    ),
    "it": Phone(
        "%d/%m/%y, %H:%M - ", "[%d/%m/%y, %H:%M:%S] ",
        "I messaggi e le chiamate sono crittografati end-to-end. Nessuno può leggerli.",
        'Ola ha creato il gruppo "Rota"', 'Ola ha cambiato il nome del gruppo da "Rota" a "Nights"',
        "Ola ha aggiunto Ben", "Ben ha abbandonato", "Ola ha cambiato il suo numero di telefono.",
        "Ola ha attivato la privacy avanzata della chat", "<Media omessi>", "immagine omessa",
        "Questo messaggio è stato eliminato", "<Questo messaggio è stato modificato>",
        "ieri Ben ha abbandonato presto",
    ),
    "nl": Phone(
        "%d-%m-%Y %H:%M - ", "[%d-%m-%Y %H:%M:%S] ",
        "Berichten en oproepen worden end-to-end versleuteld. Niemand kan ze lezen.",
        "Ola heeft de groep 'Rota' gemaakt",
        "Ola heeft het onderwerp gewijzigd van 'Rota' in 'Nights'",
        "Ola heeft Ben toegevoegd", "Ben heeft de groep verlaten",
        "Ola heeft een nieuw telefoonnummer. Tik om te berichten.",
        "Ola heeft geavanceerde chatprivacy ingeschakeld", "<Media weggelaten>",
        "afbeelding weggelaten", "Dit bericht is verwijderd", "<Dit bericht is bewerkt>",
        "Ola heeft Ben toegevoegd hoor ik",
    ),
    "pl": Phone(
        "%d.%m.%Y, %H:%M - ", "[%d.%m.%Y, %H:%M:%S] ",
        "Wiadomości i połączenia są w pełni szyfrowane. Nikt inny nie może ich czytać.",
        "Ola utworzył(a) grupę „Rota”", "Ola zmienił(a) nazwę grupy z „Rota” na „Nights”",
        "Ola dodał(a) Ben", "Ben opuścił(a) grupę", "Ola zmienił(a) swój numer telefonu.",
        "Ola włączył(a) zaawansowaną prywatność czatu", "<Pominięto multimedia>",
        "obraz pominięty", "Ta wiadomość została usunięta", "<Ta wiadomość została zedytowana>",
        "wczoraj Ben opuścił grupę wcześniej",
    ),
    "ro": Phone(
        "%d.%m.%Y, %H:%M - ", "[%d.%m.%Y, %H:%M:%S] ",
        "Mesajele și apelurile sunt criptate integral. Nimeni nu le poate citi.",
        "Ola a creat grupul „Rota”", "Ola a schimbat numele grupului din „Rota” în „Nights”",
        "Ola a adăugat pe Ben", "Ben a ieșit", "Ola și-a schimbat numărul de telefon.",
        "Ola a activat confidențialitatea avansată a conversației", "<Fișier media omis>",
        "imagine omisă", "Acest mesaj a fost șters", "<Acest mesaj a fost editat>",
        "Ben a ieșit mai devreme azi",
    ),
    "tr": Phone(
        "%d.%m.%Y %H:%M - ", "[%d.%m.%Y %H:%M:%S] ",
        "Mesajlar ve aramalar uçtan uca şifrelidir. Başka kimse okuyamaz.",
        'Ola, "Rota" grubunu oluşturdu', 'Ola, konuyu "Rota" iken "Nights" olarak değiştirdi',
        "Ola, Ben kişisini ekledi", "Ben ayrıldı", "Ola telefon numarasını değiştirdi.",
        "Ola gelişmiş sohbet gizliliğini açtı", "<Medya dahil edilmedi>", "görüntü dahil edilmedi",
        "Bu mesaj silindi", "<Bu mesaj düzenlendi>", "dün Ben ayrıldı dediler",
    ),
    "id": Phone(
        "%d/%m/%y %H.%M - ", "[%d/%m/%y %H.%M.%S] ",
        "Pesan dan panggilan terenkripsi secara end-to-end. Tidak seorang pun dapat membacanya.",
        'Ola membuat grup "Rota"', 'Ola mengubah subjek dari "Rota" menjadi "Nights"',
        "Ola menambahkan Ben", "Ben keluar", "Ola mengubah nomor telepon ke nomor baru.",
        "Ola mengaktifkan privasi chat lanjutan", "<Media tidak disertakan>",
        "gambar tidak disertakan", "Pesan ini telah dihapus", "<Pesan ini diedit>",
        "kemarin Ben keluar lebih awal",
    ),
    "ru": Phone(
        "%d.%m.%Y, %H:%M - ", "[%d.%m.%Y, %H:%M:%S] ",
        "Сообщения и звонки защищены сквозным шифрованием. Посторонние не могут их читать.",
        "Ola создал(-а) группу «Rota»", "Ola изменил(-а) название группы с «Rota» на «Nights»",
        "Ola добавил(-а) Ben", "Ben покинул(-а) группу", "Ola изменил(-а) номер телефона.",
        "Ola включил(-а) расширенную конфиденциальность чата", "<Без медиафайлов>",
        "изображение отсутствует", "Данное сообщение удалено", "<Данное сообщение изменено>",
        "вчера Ben покинул группу раньше",
    ),
    "uk": Phone(
        "%d.%m.%y, %H:%M - ", "[%d.%m.%y, %H:%M:%S] ",
        "Повідомлення та виклики захищено наскрізним шифруванням. Ніхто інший не прочитає їх.",
        "Ola створив(-ла) групу «Rota»", "Ola змінив(-ла) назву групи з «Rota» на «Nights»",
        "Ola додав(-ла) Ben", "Ben вийшов(-ла)", "Ola змінив(-ла) номер телефону.",
        "Ola увімкнув(-ла) розширену конфіденційність чату", "<Медіафайл пропущено>",
        "зображення пропущено", "Це повідомлення видалено", "<Це повідомлення змінено>",
        "учора Ben вийшов раніше",
    ),
    "ar": Phone(
        "%d/%m/%Y، %H:%M - ", "[%d/%m/%Y، %H:%M:%S] ",
        "الرسائل والمكالمات مشفرة تمامًا بين الطرفين. لا يمكن لأحد قراءتها.",
        'أنشأ Ola المجموعة "Rota"', 'غيّر Ola اسم المجموعة من "Rota" إلى "Nights"',
        "أضاف Ola Ben", "غادر Ben", "غيّر Ola رقم هاتفه إلى رقم جديد.",
        "شغّل Ola خصوصية الدردشة المتقدمة", "<تم استبعاد الوسائط>", "تم استبعاد الصورة",
        "تم حذف هذه الرسالة", "<تم تعديل هذه الرسالة>", "قالت إن Ben غادر مبكرا",
    ),
    "he": Phone(
        "%d.%m.%Y, %H:%M - ", "[%d.%m.%Y, %H:%M:%S] ",
        "ההודעות והשיחות מוצפנות מקצה לקצה. איש מחוץ לצ'אט אינו יכול לקרוא אותן.",
        'Ola יצר/ה את הקבוצה "Rota"', 'Ola שינה את שם הקבוצה מ-"Rota" ל-"Nights"',
        "Ola הוסיף/ה את Ben", "Ben עזב/ה", "Ola החליף/ה מספר טלפון.",
        "Ola הפעיל/ה פרטיות מתקדמת בצ'אט", "<המדיה לא נכללה>", "התמונה הושמטה",
        "הודעה זו נמחקה", "<ההודעה נערכה>", "אתמול Ben עזב מוקדם",
    ),
    "hi": Phone(
        "%d/%m/%y, %H:%M - ", "[%d/%m/%y, %H:%M:%S] ",
        "मैसेज और कॉल एंड-टू-एंड एन्क्रिप्टेड हैं। कोई और इन्हें नहीं पढ़ सकता।",
        'Ola ने ग्रुप "Rota" बनाया', 'Ola ने ग्रुप का नाम "Rota" से बदलकर "Nights" कर दिया',
        "Ola ने Ben को जोड़ा", "Ben ने ग्रुप छोड़ा", "Ola ने अपना फ़ोन नंबर बदल लिया है।",
        "Ola ने एडवांस्ड चैट प्राइवेसी चालू की", "<मीडिया छोड़ा गया>", "चित्र छोड़ा गया",
        "यह मैसेज मिटा दिया गया", "<यह मैसेज एडिट किया गया>", "कल Ben ने जल्दी छोड़ा",
    ),
    "zh": Phone(
        "%Y/%m/%d %H:%M - ", "[%Y/%m/%d %H:%M:%S] ",
        "消息和通话均已进行端对端加密。对话之外的任何人都无法读取。",
        "Ola创建了群组“Rota”", "Ola将群组名称从“Rota”改为“Nights”",
        "Ola添加了Ben", "Ben离开了", "Ola更改了手机号码。",
        "Ola开启了高级聊天隐私", "<媒体文件已忽略>", "已忽略图片",
        "此消息已删除", "<此消息已编辑>", "昨天Ben离开了医院很早",
    ),
    "ja": Phone(
        "%Y/%m/%d %H:%M - ", "[%Y/%m/%d %H:%M:%S] ",
        "メッセージと通話はエンドツーエンドで暗号化されています。第三者は読めません。",
        "Olaがグループ「Rota」を作成しました",
        "Olaがグループ名を「Rota」から「Nights」に変更しました",
        "OlaがBenを追加しました", "Benが退出しました", "Olaが電話番号を変更しました。",
        "Olaがチャットの高度なプライバシーをオンにしました", "<メディアなし>",
        "画像は含まれていません", "このメッセージは削除されました",
        "<このメッセージは編集されました>", "昨日Benが早く帰りました",
    ),
    "ko": Phone(
        "%Y. %m. %d. %H:%M - ", "[%Y. %m. %d. %H:%M:%S] ",
        "메시지와 통화는 종단간 암호화되어 있습니다. 아무도 읽을 수 없습니다.",
        "Ola님이 그룹 “Rota”을(를) 만들었습니다",
        "Ola님이 그룹 이름을 “Rota”에서 “Nights”(으)로 변경했습니다",
        "Ola님이 Ben님을 추가했습니다", "Ben님이 나갔습니다", "Ola님이 전화번호를 변경했습니다.",
        "Ola님이 고급 채팅 개인정보 보호를 켰습니다", "<미디어 파일 제외>", "사진 생략됨",
        "이 메시지는 삭제되었습니다", "<이 메시지는 수정되었습니다>", "어제 Ben님이 일찍 갔어요",
    ),
    "fi": Phone(
        "%d.%m.%Y klo %H.%M - ", "[%d.%m.%Y klo %H.%M.%S] ",
        "Viestit ja puhelut ovat täysin salattuja. Kukaan muu ei voi lukea niitä.",
        'Ola loi ryhmän "Rota"', 'Ola vaihtoi ryhmän nimen "Rota" nimeksi "Nights"',
        "Ola lisäsi käyttäjän Ben", "Ben poistui", "Ola vaihtoi puhelinnumeronsa uuteen.",
        "Ola otti käyttöön keskustelun laajennetun yksityisyyden", "<Media jätettiin pois>",
        "kuva jätettiin pois", "Tämä viesti poistettiin", "<Tätä viestiä muokattiin>",
        "eilen Ben poistui aikaisin",
    ),
    "sv": Phone(
        "%Y-%m-%d %H:%M - ", "[%Y-%m-%d, %H:%M:%S] ",
        "Meddelanden och samtal är krypterade från ände till ände. Ingen annan kan läsa dem.",
        'Ola skapade gruppen "Rota"', 'Ola ändrade gruppnamnet från "Rota" till "Nights"',
        "Ola lade till Ben", "Ben lämnade", "Ola har bytt telefonnummer.",
        "Ola aktiverade avancerad chattsekretess", "<Media utelämnat>", "bild utelämnad",
        "Detta meddelande har raderats", "<Detta meddelande har redigerats>",
        "igår lämnade Ben tidigt",
    ),
}  # fmt: skip
EVENTS = ("created", "subject", "added", "left", "number", "privacy")
START = datetime(2024, 3, 15, 9, 0, 0)


def read(header: str, bodies: list[str], *, ios: bool = False) -> Export:
    line_end = "\r\n" if ios else "\n"
    chat = ""
    for number, body in enumerate(bodies):
        lead = LRM if ios and LRM in body else ""
        chat += lead + (START + timedelta(minutes=number)).strftime(header) + body + line_end
    return read_export(io.BytesIO(chat.encode()), now=NOW)


def is_named(export: Export) -> bool:
    return {"Ola", "Ben", "Rota", "Nights"} <= export.roster


@pytest.mark.parametrize("phone", PHONES.values(), ids=PHONES)
def test_android(phone: Phone) -> None:
    notices = [phone.encryption, *(getattr(phone, event) for event in EVENTS)]
    export = read(
        phone.android,
        [
            *notices,
            f"Cy: {phone.speech}",
            f"Cy: {phone.media}",
            f"Cy: {phone.deleted}",
            f"Cy: word {phone.edited}",
        ],
    )
    report = export.report
    assert [m.kind for m in export.messages] == ["speech", "media", "deleted", "edited"]
    assert (report.counts["system"], report.authors, report.unsure_reasons) == (7, 1, ())
    assert report.notices == {
        "encryption": 1, "created": 1, "subject": 1, "added": 1, "left": 1, "number": 1,
        "privacy_on": 1,
    }  # fmt: skip
    assert report.privacy_turned_on == datetime(2024, 3, 15, 9, 6, tzinfo=NOW.tzinfo)
    assert report.number_changes == (datetime(2024, 3, 15, 9, 5, tzinfo=NOW.tzinfo),)
    assert is_named(export)


@pytest.mark.parametrize("phone", PHONES.values(), ids=PHONES)
@pytest.mark.parametrize("sender", ["", "Rota: ", "Ola: "])
def test_ios(phone: Phone, sender: str) -> None:
    # Since 2024 the group's title or whoever acts is written as a notice's sender.
    notices = [phone.encryption, *(getattr(phone, event) for event in EVENTS)]
    export = read(
        phone.ios,
        [
            *(f"{sender}{LRM}{notice}" for notice in notices),
            f"Cy: {phone.speech}",
            f"Cy: {LRM}{phone.omitted}",
            f"Cy: typed below {LRM}{phone.omitted}",
            f"Cy: {LRM}{phone.deleted}.",
            f"Cy: word {LRM}{phone.edited}",
        ],
        ios=True,
    )
    report = export.report
    assert [m.kind for m in export.messages] == ["speech", "media", "speech", "deleted", "edited"]
    assert {m.author for m in export.messages} == {"Cy"}
    assert (report.counts["system"], report.authors, report.details["captions"]) == (7, 1, 1)
    assert is_named(export) or sender


@pytest.mark.parametrize("phone", PHONES.values(), ids=PHONES)
def test_typed_notices_are_speech(phone: Phone) -> None:
    for header, ios in ((phone.android, False), (phone.ios, True)):
        bodies = [f"Cy: {getattr(phone, event)}" for event in EVENTS]
        export = read(header, [*bodies, f"Cy: {phone.speech}"], ios=ios)
        assert {message.kind for message in export.messages} == {"speech"}
        assert export.report.with_sender == len(EVENTS) + 1


def test_one_who_sends_nothing_but_led_lines_is_the_title() -> None:
    export = read(
        "[%d/%m/%Y, %H:%M:%S] ",
        [f"Rota: {LRM}No such words yet", "Ola: hello", f"Ola: {LRM}Other words", "Ola: hi"],
        ios=True,
    )
    assert [(m.author, m.kind) for m in export.messages] == [
        ("Ola", "speech"), ("Ola", "media"), ("Ola", "speech"),
    ]  # fmt: skip
    assert export.report.counts["system"] == 1


def test_one_who_only_sends_pictures_stays_a_person() -> None:
    export = read(
        "[%d/%m/%Y, %H:%M:%S] ",
        ["Ola: hello", f"Ben: {LRM}pikcha leffout", "Ola: hi", f"Ben: {LRM}pikcha leffout"],
        ios=True,
    )
    assert [(m.author, m.kind) for m in export.messages][1] == ("Ben", "media")
    assert export.report.authors == 2


def test_many_notices_in_no_known_words_are_said() -> None:
    export = read("%d/%m/%Y, %H:%M - ", ["gleb slorp", "Ola: hello"] * 6)
    assert export.report.unsure_reasons == ("unknown_notices",)
