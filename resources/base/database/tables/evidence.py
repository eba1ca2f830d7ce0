"""How each released region-day came about: one row of it for ever, and what of that is public."""

import sqlalchemy as sa

from resources.base.database.tables.columns import DIGEST, at, metadata
from resources.base.database.tables.release import draw_key

_RUN = sa.String(36)
_RECORDED = "recorded IN ('at_release', 'afterwards')"


def _recorded() -> sa.Column:
    """`afterwards` says of a row that a migration made it: what is empty there is not known."""
    return sa.Column("recorded", sa.String(10), nullable=False)


def _in_force() -> tuple[sa.Column, ...]:
    """What the program held, and what the study register said, when the region-day closed."""
    return (
        sa.Column("program_version", sa.String(40)),
        sa.Column("code_digest", DIGEST),
        # Empty where the program was not installed from a commit, nor runs in a checkout.
        sa.Column("commit_id", DIGEST),
        sa.Column("encoder_digest", DIGEST),
        sa.Column("tagger_digest", DIGEST),
        sa.Column("vocabulary_digest", DIGEST),
        sa.Column("construct_model_digest", DIGEST),
        # Empty where there was none that could be read.
        sa.Column("register_digest", DIGEST),
    )


evidence = sa.Table(
    "evidence",
    metadata,
    *draw_key(),
    at(),
    _recorded(),
    # Empty for a revision, which two people make by command, without a run.
    sa.Column("release_run", _RUN),
    # Of the group-days of the draw: the runs that collected and scored them, and what these used.
    sa.Column("collect_runs", sa.ARRAY(_RUN)),
    sa.Column("score_runs", sa.ARRAY(_RUN)),
    sa.Column("encoders_used", sa.ARRAY(DIGEST)),
    sa.Column("taggers_used", sa.ARRAY(DIGEST)),
    sa.Column("vocabularies_used", sa.ARRAY(DIGEST)),
    sa.Column("models_used", sa.ARRAY(sa.String(40))),
    *_in_force(),
    # Whether all of them passed the gate; empty where nothing was drawn, or it is not known.
    sa.Column("gate_passed", sa.Boolean),
    sa.Column("micro_rho", sa.Integer),
    sa.Column("groups_commitment", DIGEST),
    sa.Column("salt", sa.LargeBinary),
    sa.Column("chain_head", DIGEST),
    sa.CheckConstraint(_RECORDED),
    sa.CheckConstraint(
        "recorded = 'afterwards' OR num_nulls(program_version, code_digest, encoder_digest,"
        " tagger_digest, vocabulary_digest, construct_model_digest, groups_commitment, salt) = 0"
    ),
    schema="restricted",
)
"""One row for each closed region-day, method and revision, written with its values."""

evidence_cards = sa.Table(
    "evidence_cards",
    metadata,
    *draw_key(),
    sa.Column("closed_on", sa.Date, nullable=False),
    _recorded(),
    sa.Column("published", sa.Boolean, nullable=False),
    *_in_force(),
    # These two only where something was published: else they would tell why it was not.
    sa.Column("gate_passed", sa.Boolean),
    sa.Column("micro_rho", sa.Integer),
    sa.Column("groups_commitment", DIGEST),
    sa.Column("chain_head", DIGEST),
    sa.CheckConstraint(_RECORDED),
    sa.CheckConstraint("published OR num_nonnulls(gate_passed, micro_rho) = 0"),
    schema="release",
)
"""The public part: no run, no salt, and nothing that differs with how many groups counted."""
