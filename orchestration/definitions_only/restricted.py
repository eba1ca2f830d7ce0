"""The restricted code location, to be looked at."""

from dataclasses import fields

import dagster as dg

from orchestration.definitions_only import refusing
from orchestration.restricted import restricted_definitions
from resources.base.home import load_home
from resources.containment.hardening import harden
from resources.wiring.context import RestrictedContext
from resources.wiring.no_values import NoValuesIOManager


@dg.definitions
def defs() -> dg.Definitions:
    """The location of the home at TIDELINE_HOME."""
    harden()
    names = ["restricted", *(one.name for one in fields(RestrictedContext))]
    return restricted_definitions(
        load_home(), resources={**refusing(names), "io_manager": NoValuesIOManager()}
    )
