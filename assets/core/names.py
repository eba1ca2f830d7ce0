"""The names of assets, checks and jobs, each written once; all else takes them from here.

The sealed event log keeps these names and nothing else that reads like a word, so a definition
whose name is missing here shows up as `(sealed)`; a test compares them with the definitions.
"""

STUDY_REGISTER = "study_register"
CONSENT_REGISTER = "consent_register"
INBOX = "inbox"
EXTERNAL_ASSETS = (STUDY_REGISTER, CONSENT_REGISTER, INBOX)
"""What no run makes: people and commands do, and runs ask them."""

NAME_TAGGER = "name_tagger"
CONSTRUCT_MODEL = "construct_model"
PLATFORM_EXPORT = "platform_export"
SCRUBBED_VECTORS = "scrubbed_vectors"
GROUP_SCORES = "group_scores"
REGIONAL_AGGREGATES = "regional_aggregates"
REVIEWED_FACTS = "reviewed_facts"
REGIONAL_PULSE = "regional_pulse"
LIFETIMES_ENFORCED = "lifetimes_enforced"
VALIDITY_REPORT = "validity_report"
RESTRICTED_ASSETS = (
    NAME_TAGGER,
    CONSTRUCT_MODEL,
    PLATFORM_EXPORT,
    SCRUBBED_VECTORS,
    GROUP_SCORES,
    REGIONAL_AGGREGATES,
    REVIEWED_FACTS,
    REGIONAL_PULSE,
    LIFETIMES_ENFORCED,
    VALIDITY_REPORT,
)

FORECAST = "forecast"
CONSTRUCT_RELATIONS = "construct_relations"
PUBLIC_RECORDS = "public_records"
DASHBOARD = "dashboard"
PUBLIC_ASSETS = (FORECAST, CONSTRUCT_RELATIONS, PUBLIC_RECORDS, DASHBOARD)

EVERY_EXPORT_READ = "every_export_read"
NO_GROUP_REFUSED = "no_group_refused"
ONLY_REVIEWED_WORDS = "only_reviewed_words"
ONLY_VECTORS_STORED = "only_vectors_stored"
SCORES_IN_RANGE = "scores_in_range"
VALUES_AS_AGREED = "values_as_agreed"
BANDS_IN_ORDER = "bands_in_order"
RELEASE_AS_LISTED = "release_as_listed"
CHECKS = (
    EVERY_EXPORT_READ,
    NO_GROUP_REFUSED,
    ONLY_REVIEWED_WORDS,
    ONLY_VECTORS_STORED,
    SCORES_IN_RANGE,
    VALUES_AS_AGREED,
    BANDS_IN_ORDER,
    RELEASE_AS_LISTED,
)
PUBLIC_CHECK_STEPS = (f"{FORECAST}_{BANDS_IN_ORDER}", f"{DASHBOARD}_{RELEASE_AS_LISTED}")
"""Dagster calls the step of a check that is defined by itself after its asset and the check."""

TEXT_POOL = "text"
"""The pool of steps that hold messages and models in memory: `dagster.yaml` limits how many runs
with one of them go on at once, whatever the number of all runs."""

COLLECT = "collect"
RELEASE = "release"
LIFETIMES = "lifetimes"
VALIDITY = "validity"
PULSE = "pulse"
RESTRICTED_JOBS = (COLLECT, RELEASE, LIFETIMES, VALIDITY, PULSE)
PUBLISH = "publish"
PUBLIC_JOBS = (PUBLISH,)
