"""`meshkit policy list`, `explain`, `test` and `try`: what governors do with policies."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from meshkit.cli.console import painter, write

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="List, explain, test and try the policies of a mesh: those that ship with meshkit, and your own.",
)


class PolicyFormat(StrEnum):
    """How an answer is written."""

    TEXT = "text"
    JSON = "json"


MeshOption = Annotated[Path, typer.Option("--mesh", help="The mesh folder.", metavar="PATH")]
FormatOption = Annotated[PolicyFormat, typer.Option("--format", help="text, or json for programs.")]


@app.command("list")
def list_(
    path: Annotated[Path, typer.Argument(help="A mesh folder, or its governance file.")] = Path(),
    format_: FormatOption = PolicyFormat.TEXT,
) -> None:
    """List policies: id, severity, where they are enforced, whom they bind, and why one cannot be executed.

    Example: meshkit policy list sample_data/retail
    """
    from meshkit.governing import agreed
    from meshkit.mesh import load
    from meshkit.report.policies import policy_as_dict, render_policies

    policies = agreed(load(path)).policies
    if format_ is PolicyFormat.JSON:
        _write_json({"policies": [policy_as_dict(p) for p in policies]})
    else:
        write(render_policies(policies, painter(None)), None)


@app.command()
def explain(
    policy: Annotated[str, typer.Argument(help="The policy's id.")],
    mesh: MeshOption = Path(),
    sql: Annotated[bool, typer.Option("--sql", help="Show the SQL that each rule is compiled to.")] = False,
    format_: FormatOption = PolicyFormat.TEXT,
) -> None:
    """Explain a policy: its prose, its rules, each number with the place where it is said, and the columns that it reads.

    Example: meshkit policy explain data_retention --mesh sample_data/retail
    """
    from meshkit.mesh import load
    from meshkit.policies import explain_policy
    from meshkit.report.policies import explained_as_dict, render_explained

    found = explain_policy(load(mesh), policy)
    if format_ is PolicyFormat.JSON:
        _write_json({"policies": [explained_as_dict(p) for p in found]})
    else:
        write("\n".join(render_explained(p, painter(None), with_sql=sql) for p in found), None)


@app.command()
def test(
    path: Annotated[Path, typer.Argument(help="A mesh folder, or a file of policies.")] = Path(),
    format_: FormatOption = PolicyFormat.TEXT,
) -> None:
    """Run the tests of your own policies: each is a small product, and the messages that are expected of it.

    Exit codes: 0 all passed, 1 a test failed, 2 the policies cannot be read.

    Example: meshkit policy test my_policy.yaml
    """
    from meshkit.policies import test_policies
    from meshkit.report.policies import render_tested, tested_as_dict

    tested = test_policies(path)
    if format_ is PolicyFormat.JSON:
        _write_json(tested_as_dict(tested))
    else:
        write(render_tested(tested, painter(None)), None)
    raise typer.Exit(0 if tested.is_passed else 1)


@app.command("try")
def try_(
    file: Annotated[Path, typer.Argument(help="A file with one policy, or with a list of `policies:`.")],
    mesh: MeshOption = Path(),
    now: Annotated[str | None, typer.Option(help="The clock, such as 2026-11-22; none = the present.")] = None,
    limit: Annotated[int, typer.Option(help="Show at most so many violations of each policy; 0 = all.", min=0)] = 20,
    format_: FormatOption = PolicyFormat.TEXT,
) -> None:
    """Try a draft over the whole mesh: who would be hit, by domain and product. Nothing is changed, and the exit code is 0.

    Example: meshkit policy try draft.yaml --mesh sample_data/retail
    """
    from meshkit.mesh import load
    from meshkit.policies import try_policies
    from meshkit.report.policies import render_trial, trial_as_dict

    trials = try_policies(load(mesh), file, now=now)
    if format_ is PolicyFormat.JSON:
        _write_json({"policies": [trial_as_dict(t) for t in trials]})
    else:
        write("\n".join(render_trial(t, painter(None), limit=limit) for t in trials), None)


def _write_json(values: Any) -> None:
    write(json.dumps(values, indent=2, ensure_ascii=False) + "\n", None)
