"""What is in force when region-days are released: program, models, vocabulary, study register."""

from contextlib import suppress

from assets.core.errors import StudyError
from assets.restricted.scrubbing.vocabulary_file import load_vocabulary
from resources.base.home import Home
from resources.base.program import code_digest, commit_id, program_version
from resources.models.narrow_encoder import encoder_digest
from resources.stores.release.evidence import InForce
from resources.stores.study.models_in_use import models_in_use
from resources.stores.study.register import file_of, read_register


def in_force(home: Home) -> InForce:
    """Of this process and a home, now.

    Raises:
        ScrubError: `VOCABULARY_UNREADABLE`.
    """
    models = models_in_use()
    _, vocabulary = load_vocabulary()
    register = None
    with suppress(StudyError):
        register = read_register(file_of(home)).digest(home)
    return InForce(
        program_version=program_version(),
        code_digest=code_digest(),
        commit_id=commit_id(),
        encoder_digest=encoder_digest(),
        tagger_digest=models["name_tagger"],
        vocabulary_digest=vocabulary,
        construct_model_digest=models["construct_model"],
        register_digest=register,
    )
