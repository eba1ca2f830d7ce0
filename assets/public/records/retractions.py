"""Public reasons for a retraction: four codes and their words, nothing finer."""

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "scoring_error": "an error in scoring",
    "consent_error": "an error about consent",
    "collection_error": "an error in collecting",
    "release_error": "an error in the release",
}
