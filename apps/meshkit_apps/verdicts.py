"""The verdicts of a mesh, what needs attention first.

In a browser: marimo run apps/meshkit_apps/verdicts.py -- --mesh PATH [--now TIME]
As a batch job: python apps/meshkit_apps/verdicts.py --mesh PATH --now TIME --format json
The job exits 2 if there is no report to write; to exit by the verdicts, use `meshkit check`.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="Verdicts · meshkit", css_file="verdicts.css")

with app.setup:
    import argparse
    import json
    import sys
    from collections import Counter
    from contextlib import ExitStack
    from html import escape

    import marimo as mo

    import meshkit
    from meshkit import Outcome

    URGENCY = (Outcome.ERRORED, Outcome.FAILED, Outcome.WARNED, Outcome.SKIPPED, Outcome.WAIVED, Outcome.PASSED)
    PRESSING = URGENCY[:3]
    QUIET = {f"show_{part}": False for part in ("search", "download", "data_types", "column_summaries")}


@app.function
def pill(outcome):
    """Show an outcome: a coloured dot and its word."""
    return f'<span class="mk-pill mk-{outcome}"><i></i>{outcome}</span>'


@app.function
def cell(text):
    """Show any text in a table as it is: marimo itself would make links and images of addresses."""
    return mo.Html(f"<span>{escape(str(text))}</span>")


@app.function
def notice(title, text):
    """Show why there is nothing to see, and the way out."""
    return mo.Html(f'<div class="mk-box" role="status"><h2>{escape(title)}</h2><p>{escape(text)}</p></div>')


@app.function
def stop(title, text):
    """Stop here: with a notice in a browser, with exit code 2 in a batch job."""
    if mo.app_meta().mode == "script":
        sys.stderr.write(f"{title}: {text}\n")
        sys.exit(2)
    mo.stop(True, notice(title, text))


@app.function
def check(mesh, now):
    """Run all checks with their causes, and show how far they are."""
    with ExitStack() as stack:
        bars = []

        def show(product, done, total):
            if not bars:
                bar = mo.status.progress_bar(total=total, title="Checking", remove_on_exit=True)
                bars.append(stack.enter_context(bar))
            bars[0].update(done - bars[0].current, subtitle=escape(product))

        return mesh.check(now=now, why=True, progress=show)


@app.function
def by_urgency(verdicts):
    """Sort verdicts: what has no answer, then what was missed, the severe first."""
    return sorted(verdicts, key=lambda v: (URGENCY.index(v.outcome), -v.severity.rank))


@app.function
def unreadable(mesh):
    """Return the problems that keep a whole product, or a file, from being checked."""
    return [p for p in mesh.problems if p.severity is meshkit.Severity.ERROR and not p.check]


@app.function
def as_text(mesh, run):
    """Write the report for people: a line for each thing that was not met, and the count."""
    counts = Counter(v.outcome for v in run.verdicts)
    tally = ", ".join(f"{counts[o]:,} {o}" for o in URGENCY if counts[o])
    lines = [
        *(f"errored  {p}" for p in unreadable(mesh)),
        *(
            f"{v.outcome:<7}  {v.id}  {v.message}  {v.place}"
            for v in by_urgency(run.verdicts)
            if v.outcome is not Outcome.PASSED
        ),
        f"{run.outcome}: products {len(run.products):,}, checks {len(run.verdicts):,}{tally and f': {tally}'}",
    ]
    return "".join("".join(c if c.isprintable() else " " for c in line) + "\n" for line in lines)


@app.cell
def _():
    _parser = argparse.ArgumentParser(prog="verdicts.py", description="Show the verdicts of a mesh.")
    _parser.add_argument("path", nargs="?", default="sample_data/flights", help="a mesh folder, or one contract")
    _parser.add_argument("--mesh", metavar="PATH", help="the same, as an option")
    _parser.add_argument("--now", metavar="TIME", help="the clock of the run, such as 2026-11-22T06:00:00Z")
    _parser.add_argument("--format", choices=["text", "json"], default="text", help="of the report of a batch job")
    _parser.error = lambda message: stop("Bad call", f"{message}; --help shows all arguments")
    arguments = _parser.parse_args()
    return (arguments,)


@app.cell
def _(arguments):
    path = mo.ui.text(arguments.path if arguments.mesh is None else arguments.mesh, label="Mesh")
    clock = mo.ui.text(arguments.now or "", placeholder="the present", label="Clock")
    again = mo.ui.run_button(label="Check again")
    mo.hstack([mo.Html("<h1>Verdicts</h1>"), path, clock, again], justify="start", align="center", gap=1.5, wrap=True)
    return again, clock, path


@app.cell
def _(again, clock, path):
    again
    if not path.value.strip():
        stop("No mesh", "give a mesh folder, or one contract")
    try:
        mesh = meshkit.load(path.value)
        if not mesh.products and not unreadable(mesh):
            stop("No contract here", f"'{path.value}' holds no contract of a data product; give another folder")
        run = check(mesh, clock.value.strip() or None)
    except meshkit.MeshkitError as _error:
        stop("No verdicts", _error.render())
    return mesh, run


@app.cell
def _(arguments, mesh, run):
    if mo.app_meta().mode == "script":
        _report = json.dumps(run.to_dict(), indent=2) + "\n"
        sys.stdout.write(_report if arguments.format == "json" else as_text(mesh, run))
    return


@app.cell
def _(clock, run):
    figures = {"products": len(run.products), "checks": len(run.verdicts)}
    figures |= {str(o): sum(v.outcome is o for v in run.verdicts) for o in (Outcome.PASSED, *reversed(PRESSING))}
    _cards = "".join(
        f'<div class="mk-card{f" mk-{name}" if count else ""}"><dt>{name}</dt><dd>{count:,}</dd></div>'
        for name, count in figures.items()
    )
    _ended = f"{run.result.finished_at:%Y-%m-%d %H:%M:%S} UTC"
    _clock = f", as if it were {clock.value.strip()}" if clock.value.strip() else ""
    mo.Html(f'<dl class="mk-cards">{_cards}</dl><p class="mk-faint">Checked {_ended}{escape(_clock)}</p>')
    return (figures,)


@app.cell
def _(mesh):
    _problems = unreadable(mesh)
    _lines = "".join(
        f"<li>{escape(f'{p.code} {p.message}')}{escape(f'; {p.hint}' if p.hint else '')}<br>"
        f'<code class="mk-faint">{escape(str(p.place))}</code></li>'
        for p in _problems[:20]
    )
    _more = f"<p>and {len(_problems) - 20:,} more: meshkit lint names all</p>" if len(_problems) > 20 else ""
    mo.stop(not _problems)
    mo.Html(
        f'<section class="mk-box"><h2>Errors in contracts ({len(_problems):,})</h2><ul>{_lines}</ul>{_more}</section>'
    )
    return


@app.cell
def _(run):
    mo.stop(not run.verdicts)
    _counts = Counter(v.outcome for v in run.verdicts)
    _options = {f"{o} ({_counts[o]:,})": o for o in URGENCY if _counts[o]}
    outcomes = mo.ui.multiselect(_options, value=[n for n, o in _options.items() if o in PRESSING], label="Outcome")
    _ids = sorted({v.check.product for v in run.verdicts})
    products = mo.ui.dropdown(
        {"all": None, **dict(zip(_ids, _ids, strict=True))}, "all", label="Product", searchable=True
    )
    words = mo.ui.text(placeholder="id, message, place", label="Find")
    _title = f"<h2>Needs attention ({sum(_counts[o] for o in PRESSING):,})</h2>"
    mo.vstack([mo.Html(_title), mo.hstack([outcomes, products, words], justify="start", wrap=True)])
    return outcomes, products, words


@app.cell
def _(outcomes, products, run, words):
    _word = words.value.casefold()
    chosen = {
        v.id: v
        for v in by_urgency(run.verdicts)
        if v.outcome in outcomes.value
        and products.value in (None, v.check.product)
        and _word in f"{v.id} {v.message} {v.check.description} {v.place}".casefold()
    }
    return (chosen,)


@app.cell
def _(chosen, mesh, run):
    if not chosen and any(v.outcome in PRESSING for v in run.verdicts):
        mo.stop(True, notice("No check matches", "Widen the filters above."))
    mo.stop(not chosen, notice("Every check that ran is met", "No check failed, warned or went without an answer."))

    def _named(check_id):
        product = chosen[check_id].check.product
        name = check_id.removeprefix(f"{product}.")
        return mo.Html(f"<b>{escape(name)}</b><br><small>{escape(product)}</small>")

    _as_is = dict.fromkeys(("seen", "allowed", "place"), cell)
    table = mo.ui.table(
        [
            {
                "outcome": str(v.outcome),
                "check": v.id,
                "seen": v.seen() or "no answer",
                "allowed": str(v.check.threshold),
                "place": str(v.place).removeprefix(f"{mesh.root}/"),
            }
            for v in chosen.values()
        ],
        selection="single",
        initial_selection=[0],
        format_mapping={"outcome": lambda o: mo.Html(pill(o)), "check": _named, **_as_is},
        text_justify_columns={"seen": "right", "allowed": "right"},
        **QUIET,
    )
    table
    return (table,)


@app.cell
def _(chosen, table):
    _invitation = '<p class="mk-faint">Choose a check to see its message, causes, place and SQL.</p>'
    mo.stop(not table.value, mo.Html(_invitation))
    _verdict = chosen[table.value[0]["check"]]
    _facts = {
        "message": escape(_verdict.message),
        "meant": escape(_verdict.check.description),
        "why": "".join(f"<div>{escape(w)}</div>" for w in _verdict.why),
        "place": f"<code>{escape(str(_verdict.place))}</code>",
        "SQL": _verdict.sql and f"<pre>{escape(_verdict.sql)}</pre>",
    }
    _rows = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in _facts.items() if text)
    mo.Html(
        f'<section class="mk-box"><h2>{pill(_verdict.outcome)} {escape(_verdict.id)}</h2>'
        f'<p class="mk-faint">severity {_verdict.severity}</p><dl class="mk-facts">{_rows}</dl></section>'
    )
    return


@app.cell
def _(run):
    mo.stop(not run.products)
    _rows = [
        {
            "outcome": str(p.outcome),
            "product": f"{p.id} {p.version}",
            "owner": p.owner,
            "rows": "" if p.rows is None else f"{p.rows:,}",
            "passed": f"{sum(v.is_met for v in p.verdicts):,} of {len(p.verdicts):,}" if p.verdicts else "no check ran",
        }
        for p in run.products
    ]
    _table = mo.ui.table(
        _rows,
        selection=None,
        format_mapping={"outcome": lambda o: mo.Html(pill(o)), "product": cell, "owner": cell},
        text_justify_columns={"rows": "right", "passed": "right"},
        **QUIET,
    )
    mo.vstack([mo.Html(f"<h2>Products ({len(_rows):,})</h2>"), _table])
    return


if __name__ == "__main__":
    app.run()
