"""`python -m bench.release year`, `… cohort`, `… differencing`, `… audit`: see `--help`."""

import typer

from bench.release.audit import audit
from bench.release.cohort import cohort_bias
from bench.release.differencing import differencing
from bench.release.year import year

app = typer.Typer(help=__doc__, no_args_is_help=True, rich_markup_mode=None)
app.command("year")(year)
app.command("cohort")(cohort_bias)
app.command("differencing")(differencing)
app.command("audit")(audit)

if __name__ == "__main__":
    app()
