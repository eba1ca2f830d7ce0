"""The public code location, to be looked at."""

import dagster as dg

from orchestration.definitions_only import refusing
from orchestration.public import RESOURCES, public_definitions
from resources.base.home import load_home


@dg.definitions
def defs() -> dg.Definitions:
    """The location of the home at TIDELINE_HOME."""
    return public_definitions(load_home(), resources=refusing(RESOURCES))
