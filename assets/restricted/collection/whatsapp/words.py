"""The words that phones put into a header: parts of the day, eras, months, links to the time.

Written from the header forms of WhatsApp in about forty phone languages.
"""

from typing import Literal

Part = Literal["am", "pm", "noon", "night"]

# `noon` keeps 10 to 12 and moves 1 to 9 on; `night` is late evening or the small hours.
PARTS_OF_DAY: dict[str, Part] = {
    **dict.fromkeys(
        (
            # Latin marks beyond am and pm, which the grammar spells itself
            "in the morning", "morgens", "vorm.", "früh", "früh am morgen", "fm", "f.m.", "vm.",
            "öö", "pd", "p.d.", "sa", "pg", "de.", "de la mañana", "da manhã", "du matin", "mañana",
            "de la madrugada", "da madrugada", "dop.", "priekšp.", "priešpiet", "ap.", "yb",
            "asubuhi", "i paradites", "e paradites", "paradites", "alfajiri", "del mattino",
            # Greek, Cyrillic
            "π.μ.", "πμ", "пр.об.", "пр. об.", "дп", "утра", "ночи", "претпладне", "пре подне",
            # Arabic script, Hebrew
            "ص", "ق.ظ.", "ق.ظ", "قبل‌ازظهر", "صبح", "לפנה״צ", "לפנה\"צ", "בבוקר",
            # Indic
            "पूर्वाह्न", "पूर्व", "सुबह", "म.पू.", "পূর্বাহ্ণ", "সকাল", "முற்பகல்", "காலை", "ఉద", "ಪೂರ್ವಾಹ್ನ",
            "ਪੂ.ਦੁ.", "પૂર્વાહ્ન",
            # East Asian and Thai
            "上午", "凌晨", "早上", "清晨", "午前", "오전", "새벽", "ก่อนเที่ยง",
        ),
        "am",
    ),
    **dict.fromkeys(
        (
            "in the afternoon", "in the evening", "nachm.", "nachmittags", "abends", "em", "e.m.",
            "nm.", "ös", "md", "m.d.", "ch", "ptg", "du.", "de la tarde", "da tarde",
            "de l’après-midi", "de l'après-midi", "du soir", "tarde", "odp.", "pēcp.", "popiet",
            "ip.", "jioni", "mchana", "alasiri", "e pasdites", "pasdites", "del pomeriggio",
            "di sera",
            "μ.μ.", "μμ", "сл.об.", "сл. об.", "пп", "дня", "вечера", "попладне", "по подне",
            "م", "ب.ظ.", "ب.ظ", "بعدازظهر", "عصر", "אחה״צ", "אחה\"צ", "בערב",
            "अपराह्न", "अपर", "शाम", "म.उ.", "অপরাহ্ণ", "বিকাল", "பிற்பகல்", "மாலை", "సాయం", "ಅಪರಾಹ್ನ",
            "ਬਾ.ਦੁ.", "અપરાહ્ન",
            "下午", "晚上", "傍晚", "午後", "오후", "저녁", "หลังเที่ยง",
        ),
        "pm",
    ),
    **dict.fromkeys(
        ("at noon", "noon", "mittags", "mediodía", "del mediodía", "中午", "正午", "दोपहर", "দুপুর"),
        "noon",
    ),
    **dict.fromkeys(
        (
            "at night", "nachts", "mitternachts", "midnight", "de la noche", "da noite", "noche",
            "usiku", "半夜", "午夜", "夜", "밤", "रात", "রাত", "இரவு", "בלילה",
        ),
        "night",
    ),
}  # fmt: skip

# Words beside a time that say nothing of the part of the day.
NEUTRAL = ("ч.", "ч", "uhr", "น.", "hs.", "hs", "hrs", "год.")

# Years to add to a count of years in that era. Gregorian marks add nothing.
ERAS_BEFORE: dict[str, int] = {
    "R": 2018,
    "令和": 2018,
    "H": 1988,
    "平成": 1988,
    "民國": 1911,
    "พ.ศ.": -543,
}
ERAS_AFTER: dict[str, int] = {"BE": -543, "B.E.": -543, "พ.ศ.": -543, "AD": 0, "CE": 0, "GB": 0}
# Thai phones write Buddhist years bare; nothing else in use reaches them.
BUDDHIST_FROM, BUDDHIST_SHIFT = 2400, -543

# A word or sign between the date and the time, spaces included.
LINKS_TO_TIME = (
    ", ", " ", "، ", ",", " - ", "; ", ": ", " à ", ", à ", " klo ", " kl. ", " kl ", " um ",
    ", um ", " at ", ", at ", " às ", ", às ", " as ", " a las ", ", a las ", " alle ", ", alle ",
    " alle ore ", " ore ", " om ", " u ", " o ", " ob ", " в ", ", в ", " у ", " о ", " lúc ",
    " jam ", " pukul ", ",  ", "  ", "T", " | ", ", г. ", " г., ", " р., ",
    " saat ", " στις ", " kell ", " plkst. ", " बजे ",
)  # fmt: skip

_MONTHS = (
    "january jan januar janvier enero gennaio janeiro januari janv ene gen января янв січня січ"
    " stycznia sty ocak oca ianuarie ian tammikuuta tammik leden ledna ม.ค. يناير ינואר जन॰",
    "february feb februar février febrero febbraio fevereiro februari févr fev febr февраля фев"
    " февр лютого лют lutego lut şubat şub februarie helmikuuta února ก.พ. فبراير פברואר फ़र॰",
    "march mar märz mars marzo março maart mrt mär mrz марта мар березня бер marca mart martie"
    " maaliskuuta března maret มี.ค. مارس מרץ मार्च",
    "april apr avril abril aprile avr abr апреля апр квітня квіт kwietnia kwi nisan nis aprilie"
    " huhtikuuta dubna เม.ย. أبريل אפריל अप्रैल",
    "may mai mayo maggio maio mei mag мая травня трав maja mayıs toukokuuta května พ.ค. مايو"
    " מאי मई",
    "june jun juni juin junio giugno junho giu июня июн червня черв czerwca cze haziran haz iunie"
    " kesäkuuta června มิ.ย. يونيو יוני जून",
    "july jul juli juillet julio luglio julho juil lug июля июл липня лип lipca lip temmuz tem"
    " iulie heinäkuuta července ก.ค. يوليو יולי जुल॰",
    "august aug août agosto augustus ago августа авг серпня серп sierpnia sie ağustos ağu elokuuta"
    " srpna agustus agu ส.ค. أغسطس אוגוסט अग॰",
    "september sept sep septembre septiembre settembre setembro set сентября сен сент вересня вер"
    " września wrz eylül eyl septembrie syyskuuta září ก.ย. سبتمبر ספטמבר सित॰",
    "october oct oktober octobre octubre ottobre outubro okt ott out октября окт жовтня жовт"
    " października paź ekim eki octombrie lokakuuta října ต.ค. أكتوبر אוקטובר अक्टू॰",
    "november nov novembre noviembre novembro ноября ноя нояб листопада лист listopada lis kasım"
    " kas noiembrie marraskuuta listopadu พ.ย. نوفمبر נובמבר नव॰",
    "december dec dezember décembre diciembre dicembre dezembro dez déc dic декабря дек грудня груд"
    " grudnia gru aralık ara decembrie joulukuuta prosince desember des ธ.ค. ديسمبر דצמבר दिस॰",
)
MONTHS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
