"""The asset `validity_report`: what is known of the scores' validity, with the home's surveys."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import dagster as dg

from assets.core.names import CONSENT_REGISTER, REGIONAL_PULSE, VALIDITY_REPORT
from evaluation.validity.convergence import (
    convergence,
    fortnightly_published,
    fortnightly_pulse,
    weekly_published,
    weekly_survey,
)
from evaluation.validity.models_in_use import models_in_use
from evaluation.validity.page import render_report
from evaluation.validity.report import COMMITTED, ValidityReport, as_json, load_report
from evaluation.validity.targets import bar_results
from resources.base.clock import Clock
from resources.base.files import write_once
from resources.base.home import HomeConfig
from resources.containment.guard import guarded, require_sealed_log
from resources.stores.consent.consent_register import ConsentRegister
from resources.stores.consent.consent_terms import Scope
from resources.stores.published.published_values import PublishedValues
from resources.stores.pulse.pulse_values import PulseValues
from resources.stores.surveys.survey_store import SurveyStore
from resources.wiring.context import RestrictedContext

PAGE = "validity.html"
DATA = "validity.json"


def with_surveys(
    report: ValidityReport,
    settings: HomeConfig,
    register: ConsentRegister,
    survey_store: SurveyStore,
    published_values: PublishedValues,
    clock: Clock,
) -> ValidityReport:
    """The report with the home's surveys beside its published values.

    Groups whose consent does not hold now are left out.

    Raises:
        StorageError: what `SurveyStore.read` and `PublishedValues.read` raise.
    """
    today = clock.today()
    consents = register.consents()
    means = [
        one
        for one in survey_store.read()
        if one.group_ref in consents
        and Scope.SURVEYS in consents[one.group_ref].scopes
        and consents[one.group_ref].refusal(one.week, today, settings.mode) is None
    ]
    survey = weekly_survey(means, {ref: one.region for ref, one in consents.items()})
    published = weekly_published(published_values.read())
    return report.with_survey(
        convergence(survey, published, list(settings.regions)),
        sum(len(weeks) for weeks in survey.values()),
    )


def with_pulse(
    report: ValidityReport,
    settings: HomeConfig,
    pulse_values: PulseValues,
    published_values: PublishedValues,
) -> ValidityReport:
    """The report with what members answered in the pulse, by region, beside its published values.

    Raises:
        StorageError: what `PulseValues.read` and `PublishedValues.read` raise.
    """
    pulse = fortnightly_pulse(pulse_values.read())
    published = fortnightly_published(weekly_published(published_values.read()))
    return report.with_pulse(
        [
            one
            for one in convergence(pulse, published, list(settings.regions))
            if any(construct == one.construct for _, construct in pulse)
        ],
        sum(len(fortnights) for fortnights in pulse.values()),
    )


def write_report(report: ValidityReport, evidence: Path) -> None:
    """Write `validity.html` and `validity.json` into the folder.

    Raises:
        StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    evidence.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_once(evidence / DATA, as_json(report).encode("utf-8"))
    write_once(evidence / PAGE, render_report(report).encode("utf-8"))


def define_validity_report(
    evidence: Path, *, deps: Sequence[str] = (), committed: Path = COMMITTED
) -> dg.AssetsDefinition:
    """The asset.

    Args:
        evidence: folder of the home that it writes into.
        deps: assets that register the models in use.
        committed: the report that `tideline train validity` wrote.
    """

    @dg.asset(
        name=VALIDITY_REPORT,
        deps=[*deps, CONSENT_REGISTER, REGIONAL_PULSE],
        group_name="restricted",
        kinds={"html", "python"},
        owners=["team:data-engineering"],
        description=(
            "The validity report of the models in use, with the home's pulse surveys; HTML and JSON"
            " under evidence/. Fails where the report was measured with other models."
        ),
    )
    @guarded
    def validity_report(
        context: dg.AssetExecutionContext,
        restricted: dg.ResourceParam[RestrictedContext],
    ) -> dg.MaterializeResult:
        require_sealed_log(context.instance)
        models = models_in_use()
        report = with_surveys(
            load_report(models, committed),
            restricted.settings,
            restricted.register,
            restricted.survey_store,
            restricted.published_values,
            restricted.clock,
        )
        report = with_pulse(
            report,
            restricted.settings,
            restricted.pulse_values,
            restricted.published_values,
        )
        write_report(report, evidence)
        outcomes = Counter(one.outcome for one in bar_results(report.accuracy))
        return dg.MaterializeResult(
            metadata={
                "construct_model_sha256": models.construct_model,
                "encoder_sha256": models.encoder,
                "aims_reached": outcomes["reached"] + outcomes["reached, but not surely"],
                "aims_missed": outcomes["missed"],
                "survey_weeks": report.survey_weeks,
                "pulse_fortnights": report.pulse_fortnights,
            }
        )

    return validity_report
