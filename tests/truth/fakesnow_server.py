"""Run queries on fakesnow: one JSON text a line in, one JSON answer a line out. Needs fakesnow alone, nothing of meshkit."""

from __future__ import annotations

import datetime as dt
import json
import sys
from decimal import Decimal


def told(value: object) -> object:
    """Write a value so that JSON brings it back as it is."""
    if isinstance(value, Decimal | dt.datetime | dt.date | float):
        return {"kind": type(value).__name__, "text": str(value)}
    return value


def main() -> None:
    """Answer until the other side closes."""
    import fakesnow
    import snowflake.connector

    with fakesnow.patch():
        cursor = snowflake.connector.connect(database="DB", schema="TRUTH").cursor()
        for line in sys.stdin:
            try:
                rows = cursor.execute(json.loads(line)).fetchall()
                answer: object = {"rows": [[told(v) for v in row] for row in rows]}
            except Exception as error:  # noqa: BLE001 what went wrong is the answer
                answer = {"error": f"{type(error).__name__}: {error}"[:500]}
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
