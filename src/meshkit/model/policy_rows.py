"""The rows that policies are written over: their columns, with type and meaning. docs/policies.md shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from meshkit.model.policy import Over


class RowColumn(NamedTuple):
    """A column of a row.

    Attributes:
        type: `VARCHAR`, `VARCHAR[]`, `BIGINT`, `DOUBLE` or `BOOLEAN`.
        text: What it holds; NULL where nobody said it.
        needs: What must be there for it to be known: `run`, `requests`, or empty.
    """

    type: str
    text: str
    needs: str = ""


def _columns(text: str) -> dict[str, RowColumn]:
    found = {}
    for line in text.strip().splitlines():
        head, meaning = line.strip().split(" | ")
        name, type_, *needs = head.split()
        found[name] = RowColumn(type_, meaning, needs[0] if needs else "")
    return found


ROWS: dict[Over, dict[str, RowColumn]] = {
    Over.PRODUCT: _columns("""
        id VARCHAR | `domain.name`, with `@version` where it is not the version that the bare id means
        name VARCHAR | its name
        domain VARCHAR | the domain that owns it
        version VARCHAR | its version
        status VARCHAR | draft, beta, active, deprecated or retired
        data_kind VARCHAR | operational, analytical or logs
        cadence VARCHAR | daily, computed or real_time
        classification VARCHAR | as the contract says it, in lower case
        description VARCHAR | what it is
        owner_team VARCHAR | the owning team
        owner_contact VARCHAR | its e-mail address
        tags VARCHAR[] | free words
        location VARCHAR | where its first table lies
        has_schema BOOLEAN | whether it has a table with columns
        columns BIGINT | how many columns it has
        has_primary_key BOOLEAN | a primary key, or a column that is unique and not_null, in each table
        constraints BIGINT | constraints of all columns
        quality_checks BIGINT | checks that authors wrote
        pii_columns BIGINT | columns marked as personal data
        unprotected_columns BIGINT | of these, those neither encrypted nor masked
        completeness DOUBLE | promised share of filled cells, 0 to 1
        freshness_hours DOUBLE | promised greatest age
        availability DOUBLE | promised share of runs that reach the data, 0 to 1
        retention_days BIGINT | how long rows are kept
        sla_retention_days DOUBLE | how long rows are kept by a promise of the service
        trash_days BIGINT | how long deleted rows can be brought back
        expire_days DOUBLE | the platform's lifecycle deletes objects after so many days
        encryption_enabled BOOLEAN | declared: encrypted at rest
        audit_logging_enabled BOOLEAN | declared: reads are logged
        lawful_basis VARCHAR | why personal data may be held
        purpose VARCHAR | what it is held for
        erasure_key VARCHAR | the column by which a person is erased
        discovery VARCHAR | who may know of it
        read_rules BIGINT | rules of who may read
        read_roles BIGINT | of these, those that name a role
        write_rules BIGINT | rules of who may publish
        write_roles VARCHAR[] | the roles that they name
        unmask_roles VARCHAR[] | roles that see personal data clear
        metrics VARCHAR[] | metrics that are collected
        alerts VARCHAR[] | types of alerts
        policies VARCHAR[] | policies that it takes on besides
        consumers BIGINT | products that read it
        bounded_context VARCHAR | what its domain is about
        foreign_writers VARCHAR[] | domains other than its own that may publish it
        mesh_products BIGINT | how many products the mesh has
        team_share DOUBLE | share of them that its team owns, 0 to 1
        shared_prefix VARCHAR | a folder of storage where other domains keep tables too
        shared_with VARCHAR[] | those domains
        successor VARCHAR | the active version of the product, where it is newer
        deprecation_days BIGINT | days from the announcement to the end of this version
        days_to_end BIGINT | days until this version ends; below zero, it should have
        published_version VARCHAR | the version it is compared with: the last published one, or that of a git revision
        breaking_changes BIGINT | changes since that break readers; NULL where there is nothing to compare with
        is_version_enough BOOLEAN | whether the version rises by as much as the changes ask for
        notice_days DOUBLE | days between the announcement and the end of the version that is left
        migration_guide VARCHAR | the guide from that version
        unnotified VARCHAR[] | consumers that no line of the deprecation names
        removal VARCHAR | why a version may not be gone yet whose contract was deleted, renamed or retired
        has_run BOOLEAN run | whether a run of this version is known
        failed_checks BIGINT run | checks of severity error that failed
        critical_failures BIGINT run | checks of severity critical that failed
        errored_checks BIGINT run | checks without an answer
        warned_checks BIGINT run | warning checks that were not met
        warning_checks BIGINT run | warning checks that had an answer, waived ones left out
        accuracy DOUBLE run | least share of good rows over checks of dimension accuracy, 0 to 1
        measured_completeness DOUBLE run | share of filled cells, 0 to 1
        measured_freshness_hours DOUBLE run | age of the newest row
        measured_availability DOUBLE run | share of runs that reached the data, over 30 days
        has_drift BOOLEAN run | whether the data's schema is not the contract's
        median_request_hours DOUBLE requests | median time from a request for access to its decision, or to now where it waits
    """),
    Over.COLUMN: _columns("""
        product VARCHAR | the product's id
        table_name VARCHAR | its table
        name VARCHAR | its name
        type VARCHAR | the declared type
        description VARCHAR | what it means
        is_pii BOOLEAN | marked as personal data
        pii_category VARCHAR | email, phone, name, ...
        encrypted BOOLEAN | encrypted as a column
        mask VARCHAR | hash, partial or null
        classification VARCHAR | as the contract says it
        is_primary_key BOOLEAN | a member of the key
        is_required BOOLEAN | not_null is asserted
        constraints BIGINT | its constraints
        suspected VARCHAR | the category of personal data that its name speaks of, or a scan saw; NULL where it is marked
        suspected_by VARCHAR | by what: `by its name`, or how many rows have which form
        is_listed BOOLEAN | whether the domain's policy lists its name as personal data
        needs_approval BOOLEAN | whether the domain's policy demands an approval for it
    """),
    Over.CHECK: _columns("""
        product VARCHAR | the product's id
        id VARCHAR | the check's id
        table_name VARCHAR | its table
        column_name VARCHAR | its column
        kind VARCHAR | not_null, min, sql, ...
        severity VARCHAR | info, warning, error or critical
        dimension VARCHAR | accuracy, completeness, ...
        outcome VARCHAR run | passed, warned, failed, errored, skipped or waived
        bad BIGINT run | rows that miss it
        total BIGINT run | rows looked at
    """),
    Over.DEPENDENCY: _columns("""
        product VARCHAR | the id of the product that reads
        alias VARCHAR | what its SQL calls the input
        upstream VARCHAR | the id of the product that is read, or the location
        upstream_domain VARCHAR | that product's domain; NULL for a location
        upstream_status VARCHAR | draft, beta, active, deprecated or retired
        upstream_classification VARCHAR | that product's classification
        is_product BOOLEAN | whether it is a product, and not a location
        holder VARCHAR | another product whose files the location is, or lies among
    """),
    Over.RUN: _columns("""
        product VARCHAR | the product's id
        id VARCHAR run | the id of its last run that counts; NULL where it has none, as are the others
        outcome VARCHAR run | how it ended for this product, by the waivers of today
        age_hours DOUBLE run | how long ago it began
    """),
    Over.GRANT: _columns("""
        product VARCHAR | the product's id
        principal VARCHAR requests | who may read
        purpose VARCHAR requests | what for
        age_days DOUBLE requests | how long ago it was granted
        days_left DOUBLE requests | until it ends
    """),
}  # fmt: skip

TABLES: Mapping[Over, str] = {
    Over.PRODUCT: "products", Over.COLUMN: "columns", Over.CHECK: "checks", Over.DEPENDENCY: "dependencies", Over.RUN: "runs",
    Over.GRANT: "grants",
}  # fmt: skip
"""What the tables of rows are called in `sql:`."""
