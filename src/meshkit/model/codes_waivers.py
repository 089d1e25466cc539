"""The codes of waivers, which `codes.py` lists with the others. A waiver with an error counts for nothing."""

from __future__ import annotations

from collections.abc import Mapping

from meshkit.model.code import Code

WAIVER_CODES: Mapping[str, Code] = {
    "MK430": Code(
        "The subject of a waiver is not there",
        "A waiver is for domain.product, domain.product@version, domain.*, domain.product.column or domain.product.table.column, "
        "and the mesh has none of that name. It would cover nothing, or later something that nobody meant.",
        "Take the near name that the message proposes, or take the waiver out.",
    ),
    "MK431": Code(
        "A waiver for a check that is not there",
        "No version of the product has a check of that id. Ids of checks are whole here: domain.product.table[.column].name.",
        "Take the near id that the message proposes; `meshkit show PRODUCT` lists all checks.",
    ),
    "MK432": Code(
        "A waiver for a policy that is not there",
        "The mesh has no policy of that id.",
        "Take the near name that the message proposes, or take the waiver out.",
    ),
    "MK433": Code(
        "A waiver whose subject is not that of its check",
        "The check is of another product, version or column than the subject names, so it is not clear what may be missed.",
        "Name the product of the check, or its column, as the subject.",
    ),
    "MK434": Code(
        "Two waivers for the same",
        "Two waivers name the same policy or check and the same subject. The one that holds longest counts.",
        "Take out the one that is not meant.",
    ),
    "MK435": Code(
        "A team waives for itself",
        "The approver is the team, the contact or the domain's product owner of a product that the waiver covers, and the policy "
        "is mandatory.",
        "Have somebody else approve it: whoever answers for the policy.",
    ),
    "MK436": Code(
        "A cap that cannot be compared",
        "The check counts no rows, so no cap can say when more is missed; or the cap is part of a row.",
        "Leave the cap out, or write whole rows or a percentage.",
    ),
}
"""Codes MK43."""
