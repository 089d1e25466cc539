"""The codes of access, which `codes.py` lists with the others."""

from __future__ import annotations

from collections.abc import Mapping

from meshkit.model.code import Code

ACCESS_CODES: Mapping[str, Code] = {
    "MK601": Code(
        "A request is in another state",
        "It was decided, revoked or has ended already, or somebody else was quicker. Of two who decide at once, one does.",
        "Look at it with `meshkit access list`; ask anew where that is meant.",
    ),
    "MK602": Code(
        "Somebody may not decide a request",
        "Its product's owner or a governor decides, nobody approves his own request, and two approvals are of two people.",
        "Let somebody else decide; docs/access.md says who may.",
    ),
    "MK603": Code(
        "There is no store for requests",
        "Requests, grants and the log of access are kept in the store of a mesh folder. A file alone has none, and "
        "MESHKIT_STORE=off switches it off.",
        "Give the folder of the mesh, and let MESHKIT_STORE name a place, or unset it.",
    ),
    "MK604": Code(
        "The audit log cannot be written",
        "Nothing is read that leaves no trace: where the log cannot be written, a governed read is refused.",
        "Mend what the message says of the store, and read again.",
    ),
    "MK605": Code(
        "A product may not be read",
        "Of all products that a query reads, each must allow it to the one who asks, for the purpose that is given, and with the columns "
        "that are named.",
        "See `meshkit decide PRODUCT --as WHO --purpose ...`; ask with `meshkit access request`, or leave the column out.",
    ),
    "MK606": Code(
        "No key for masks",
        "Masked values are hashed with a secret of the mesh, MESHKIT_MASK_KEY or .meshkit/mask.key, so that nobody can hash guesses.",
        "Set MESHKIT_MASK_KEY to a secret of 32 characters or more, or let the mesh folder be written.",
    ),
}
