"""The asset `construct_model`: which models score, so that lineage tells it."""

import dagster as dg

from assets.core.names import CONSTRUCT_MODEL
from assets.restricted.scoring.construct_model.model import load_construct_model
from resources.containment.guard import guarded, require_sealed_log
from resources.models.narrow_encoder import WIDTH, encoder_digest


@dg.asset(
    name=CONSTRUCT_MODEL,
    group_name="restricted",
    kinds={"python", "scikitlearn"},
    owners=["team:data-engineering"],
    description="The committed construct models that scoring uses. Holds no data.",
)
@guarded
def construct_model(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Registers what is committed; nothing is trained or copied here."""
    require_sealed_log(context.instance)
    model = load_construct_model()
    return dg.MaterializeResult(
        data_version=dg.DataVersion(model.sha256),
        metadata={
            "model_version": model.version,
            "model_sha256": model.sha256,
            "encoder_sha256": encoder_digest(),
            "width": WIDTH,
        },
    )
