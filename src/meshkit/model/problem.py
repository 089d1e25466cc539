"""A problem: what lint finds in a file, with its place and the way out."""

from __future__ import annotations

from meshkit.errors import Place
from meshkit.model.base import Document
from meshkit.model.table import Severity


class Problem(Document):
    """One thing that is wrong in one place.

    Attributes:
        code: Stable id; `meshkit explain CODE` says more.
        severity: `error` stops its check or its product, `warning` is what a mesh may live with.
        product: The product that it stops, or an empty text where the file belongs to none.
        check: Key of the one check that it makes errored; empty when it stops the whole product.
    """

    code: str
    severity: Severity = Severity.ERROR
    message: str
    hint: str = ""
    place: Place
    product: str = ""
    check: str = ""

    def __str__(self) -> str:
        """Render as one line: place, code, what is wrong, way out."""
        return f"{self.place}: {self.code} {self.message}{'; ' + self.hint if self.hint else ''}"
