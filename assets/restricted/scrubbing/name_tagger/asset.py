"""The asset `name_tagger`: which tagger and vocabulary scrub, so that lineage tells it."""

import dagster as dg

from assets.core.names import NAME_TAGGER
from assets.restricted.scrubbing.name_tagger.corpora import LABELS
from assets.restricted.scrubbing.name_tagger.layer import CUT
from assets.restricted.scrubbing.name_tagger.serving import tagger_digest
from assets.restricted.scrubbing.vocabulary import FREQUENT_CUT, NAME_CUT
from assets.restricted.scrubbing.vocabulary_file import load_vocabulary
from resources.containment.guard import guarded, require_sealed_log
from resources.models.ready_model import TAGGER_FILE, ready_digest


@dg.asset(
    name=NAME_TAGGER,
    group_name="restricted",
    kinds={"python", "onnx"},
    owners=["team:data-engineering"],
    description="The committed name tagger and vocabulary that scrubbing uses. Holds no data.",
)
@guarded
def name_tagger(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Registers the digests of what is committed; nothing is trained or copied here."""
    require_sealed_log(context.instance)
    digest = tagger_digest()
    words, vocabulary_digest = load_vocabulary()
    return dg.MaterializeResult(
        data_version=dg.DataVersion(digest),
        metadata={
            "tagger_sha256": digest,
            "weights_sha256": ready_digest(TAGGER_FILE, "weights_sha256"),
            "vocabulary_sha256": vocabulary_digest,
            "vocabulary_words": len(words),
            "labels": len(LABELS),
            "cut": CUT,
            "cut_of_word_names": NAME_CUT,
            "cut_of_frequent_names": FREQUENT_CUT,
        },
    )
