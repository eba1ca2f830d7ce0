import pytest
from made_pulse import MadePulse


@pytest.fixture
def made(session) -> MadePulse:
    return MadePulse.of(session)
