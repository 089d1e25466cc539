"""`meshkit access`: asking for access, deciding about it, and looking at what was asked, decided and read."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from meshkit.cli.access import AsOption, MeshOption
from meshkit.cli.console import painter, write
from meshkit.cli.explore import FormatOption, PlainFormat

if TYPE_CHECKING:
    from meshkit.model.request import AccessRequest

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Ask for access to a product, decide about requests, and see what was asked, decided and read. --as says who you are; "
    "it is believed, so this is for whoever may write the store anyway.",
    epilog="docs/access.md says what is granted at once, who decides the rest, and what the log holds.",
)

IdArgument = Annotated[str, typer.Argument(help="The id of the request.", metavar="REQUEST")]
NowOption = Annotated[str | None, typer.Option(help="The clock, such as 2026-11-22T06:00:00Z.", metavar="TIME")]
WordsOption = Annotated[str, typer.Option("--reason", help="Why, for whoever asked.")]
LimitOption = Annotated[int, typer.Option(help="How many at most.", min=1, max=10_000)]


class State(StrEnum):
    """How far a request has come."""

    PENDING = "pending"
    APPROVED = "approved"
    GRANTED = "granted"
    DENIED = "denied"
    REVOKED = "revoked"
    EXPIRED = "expired"


@app.command()
def request(
    product: Annotated[str, typer.Argument(help="The product: domain.name, or its name.")],
    purpose: Annotated[str, typer.Option(help="What for it is read; products list theirs under access.purposes.")],
    days: Annotated[int | None, typer.Option(help="For so many days from now on. Either this or --until.")] = None,
    until: Annotated[
        str | None, typer.Option(help="Until this day, which is the last one, or this time.", metavar="DATE")
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="A column that needs an approval of its own, and is needed. Repeatable.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, for whoever decides.")] = "",
    mesh: MeshOption = Path(),
    who: AsOption = None,
    now: NowOption = None,
    format_: FormatOption = PlainFormat.TEXT,
) -> None:
    """Ask for access to a product, for a purpose and a time.

    Public and internal data is granted at once for a purpose that the product lists and that is your own; confidential and
    restricted data, and columns that need it, wait for an approval. Asking twice gives the same request.

    Examples: meshkit access request sales.sales_orders --purpose reporting --days 30 --as devi.scientist@example.com

    meshkit access request sales.customer_interactions --purpose modelling --until 2026-12-31 --column customer_email

    Exit codes: 0 granted, or waiting for an approval; 1 denied by the policies; 2 bad input, or a product that you may not know of.
    """
    from meshkit.mesh import load
    from meshkit.requesting import request_access

    found = request_access(
        load(mesh), who, product, purpose=purpose, days=days, until=until, columns=column or (), reason=reason, now=now
    )
    _tell(found, format_)
    raise typer.Exit(1 if str(found.state) == State.DENIED else 0)


@app.command()
def approve(
    request_id: IdArgument,
    reason: WordsOption = "",
    mesh: MeshOption = Path(),
    who: AsOption = None,
    now: NowOption = None,
    format_: FormatOption = PlainFormat.TEXT,
) -> None:
    """Approve a request, as the product's owner or a governor; never one's own.

    Where the domain is under sox_compliance, two people approve: after the first one the request is `approved`, after the
    second one `granted`.

    Example: meshkit access approve 019a-... --as fay.controller@example.com

    Exit codes: 0 done, 2 there is no such request, it is in another state, or you may not.
    """
    _decide("approve", request_id, reason, mesh, (who, now, format_))


@app.command()
def deny(
    request_id: IdArgument,
    reason: WordsOption = "",
    mesh: MeshOption = Path(),
    who: AsOption = None,
    now: NowOption = None,
    format_: FormatOption = PlainFormat.TEXT,
) -> None:
    """Deny a request that waits; whoever asked may take it back so.

    Example: meshkit access deny 019a-... --reason "use sales.revenue_metrics instead"

    Exit codes: 0 done, 2 there is no such request, it is in another state, or you may not.
    """
    _decide("deny", request_id, reason, mesh, (who, now, format_))


@app.command()
def revoke(
    request_id: IdArgument,
    reason: WordsOption = "",
    mesh: MeshOption = Path(),
    who: AsOption = None,
    now: NowOption = None,
    format_: FormatOption = PlainFormat.TEXT,
) -> None:
    """End access that was granted, at once; whoever has it may give it up so.

    Example: meshkit access revoke 019a-... --reason "the project is over"

    Exit codes: 0 done, 2 there is no such request, it is in another state, or you may not.
    """
    _decide("revoke", request_id, reason, mesh, (who, now, format_))


@app.command("list")
def list_requests(
    state: Annotated[State | None, typer.Option(help="Only in this state.")] = None,
    product: Annotated[str | None, typer.Option(help="Only for this product, by its id.")] = None,
    requester: Annotated[str | None, typer.Option(help="Only of this principal.")] = None,
    limit: LimitOption = 100,
    mesh: MeshOption = Path(),
    who: AsOption = None,
    now: NowOption = None,
    format_: FormatOption = PlainFormat.TEXT,
) -> None:
    """List requests, newest first: your own, those that you may decide, and all for a governor.

    Example: meshkit access list --state pending --mesh sample_data/retail --as fay.controller@example.com

    Exit codes: 0 listed, 2 bad input.
    """
    from meshkit.mesh import load
    from meshkit.report.requests import render_requests, requests_as_dict
    from meshkit.request_views import requests

    asked = {"state": str(state) if state else None, "product": product, "requester": requester}
    found = requests(load(mesh), who, **asked, limit=limit, now=now)
    _answer(requests_as_dict(found), render_requests(found, painter(None)), format_)


@app.command()
def audit(
    product: Annotated[str | None, typer.Option(help="Only about this product, by its id.")] = None,
    limit: LimitOption = 100,
    mesh: MeshOption = Path(),
    who: AsOption = None,
    format_: FormatOption = PlainFormat.TEXT,
) -> None:
    """Show what the audit log has about access, newest first: requests, decisions, reads and refusals.

    You see what you did yourself and what concerns products whose owner you are; a governor sees all. `meshkit store check`
    proves that no entry was changed.

    Example: meshkit access audit --product finance.general_ledger --as fay.controller@example.com

    Exit codes: 0 shown, 2 bad input.
    """
    from meshkit.mesh import load
    from meshkit.report.requests import log_as_dict, render_log
    from meshkit.request_views import access_log

    found = access_log(load(mesh), who, product=product, limit=limit)
    _answer(log_as_dict(found), render_log(found, painter(None)), format_)


@app.command()
def notify(
    webhook: Annotated[
        str | None, typer.Option(help="Where to: https, or http to this machine. Else MESHKIT_WEBHOOK.", metavar="URL")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Also try those that were given up.")] = False,
    mesh: MeshOption = Path(),
    now: NowOption = None,
    format_: FormatOption = PlainFormat.TEXT,
) -> None:
    """Send the notices that are due to a webhook, each once; those that fail are due again later, and given up after 8 tries.

    With MESHKIT_WEBHOOK set, requests and decisions send theirs by themselves; this sends what did not arrive.
    MESHKIT_WEBHOOK_SECRET signs each notice.

    Example: MESHKIT_WEBHOOK=https://hooks.example.com/mesh meshkit access notify --mesh sample_data/retail

    Exit codes: 0 all that were due arrived, 1 some did not, 2 bad input.
    """
    from meshkit.mesh import load
    from meshkit.request_views import send_notices

    done = send_notices(load(mesh), webhook, again=again, now=now)
    text = f"{done.sent:,} sent, {done.waiting:,} to be tried again, {done.failed:,} given up\n"
    _answer(done._asdict(), text, format_)
    raise typer.Exit(1 if done.waiting or done.failed else 0)


def _decide(
    verb: str, request_id: str, reason: str, mesh: Path, how: tuple[str | None, str | None, PlainFormat]
) -> None:
    from meshkit.mesh import load
    from meshkit.requesting import decide_request

    who, now, format_ = how
    _tell(decide_request(load(mesh), request_id, verb, by=who, reason=reason, now=now), format_)


def _tell(found: AccessRequest, format_: PlainFormat) -> None:
    from meshkit.report.requests import render_request

    _answer(found.model_dump(mode="json"), render_request(found, painter(None)), format_)


def _answer(document: dict[str, Any], text: str, format_: PlainFormat) -> None:
    write(json.dumps(document, indent=2, ensure_ascii=False) + "\n" if format_ is PlainFormat.JSON else text, None)
