"""Every name that the definitions of either code location carry, in one place.

The sealed event log keeps these names and nothing else that reads like a word, so a definition
whose name is missing here shows up as `(sealed)`; a test compares the two.
"""

RESTRICTED_ASSETS = (
    "name_tagger",
    "construct_model",
    "platform_export",
    "scrubbed_vectors",
    "group_scores",
    "regional_aggregates",
    "lifetimes_enforced",
    "validity_report",
)
PUBLIC_ASSETS = ("forecast", "construct_relations", "dashboard")
CHECKS = (
    "every_export_read",
    "no_group_refused",
    "only_reviewed_words",
    "only_vectors_stored",
    "scores_in_range",
    "values_as_agreed",
    "bands_in_order",
)
PUBLIC_CHECK_STEPS = ("forecast_bands_in_order",)
RESTRICTED_JOBS = ("collect", "release", "lifetimes", "validity")
PUBLIC_JOBS = ("publish",)
