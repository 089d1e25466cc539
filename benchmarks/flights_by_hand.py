"""The checks of sample_data/flights as an expert would write them by hand: one statement per table, and those that need their own.

Prints the number of bad rows of each; `meshkit check sample_data/flights` finds the same.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

DATA = Path(__file__).resolve().parents[1] / "sample_data" / "flights" / "data"

MISSING = {
    "flights": "time_hour carrier flight year month day dep_time sched_dep_time sched_arr_time tailnum origin dest distance hour minute",
    "weather": "time_hour origin year month day hour wind_dir wind_speed precip pressure visib",
    "airlines": "carrier name",
    "airports": "faa name lat lon alt tz dst tzone",
    "planes": "tailnum year type manufacturer model engines seats engine",
}
BETWEEN = {
    "flights": {
        "month": (1, 12), "day": (1, 31), "dep_time": (1, 2400), "sched_dep_time": (0, 2359), "dep_delay": (-60, 1440),
        "arr_time": (1, 2400), "sched_arr_time": (0, 2359), "arr_delay": (-120, 1440), "flight": (1, 9999),
        "air_time": (15, 900), "distance": (50, 6000), "hour": (0, 23), "minute": (0, 59),
    },
    "weather": {
        "month": (1, 12), "day": (1, 31), "hour": (0, 23), "temp": (-30, 120), "dewp": (-60, 90), "humid": (0, 100),
        "wind_dir": (0, 360), "wind_speed": (0, 231), "wind_gust": (0, 231), "precip": (0, 12), "pressure": (870, 1085), "visib": (0, 10),
    },
    "airlines": {},
    "airports": {"lat": (18, 71.5), "alt": (-300, 10000)},
    "planes": {"year": (1960, 2013), "engines": (1, 4), "seats": (1, 550), "speed": (50, 650)},
}  # fmt: skip
OTHER = {
    "flights": [
        "year <> 2013", "dep_time IS NOT NULL AND dep_delay IS NULL", "dep_time IS NOT NULL AND arr_time IS NULL",
        "NOT regexp_matches(tailnum, '^N[0-9A-Z]{1,5}$')", "origin NOT IN ('EWR', 'JFK', 'LGA')",
        "arr_delay IS NOT NULL AND air_time IS NULL", "dep_time IS NULL AND arr_time IS NOT NULL",
        "(dep_time // 100 * 60 + dep_time % 100 - (sched_dep_time // 100 * 60 + sched_dep_time % 100) - dep_delay) % 1440 <> 0",
        "(arr_time // 100 * 60 + arr_time % 100 - (sched_arr_time // 100 * 60 + sched_arr_time % 100) - arr_delay) % 1440 <> 0",
        "distance * 60 > 600 * air_time",
    ],
    "weather": ["year <> 2013", "origin NOT IN ('EWR', 'JFK', 'LGA')", "wind_gust < wind_speed", "dewp > temp"],
    "airlines": ["NOT regexp_matches(carrier, '^[0-9A-Z]{2}$')", "length(name) < 2"],
    "airports": [
        "NOT regexp_matches(faa, '^[0-9A-Z]{3}$')", "length(name) < 3", "faa <> 'SYA' AND lon > 0", "lon < -180",
        "tz NOT IN (-10, -9, -8, -7, -6, -5)", "dst NOT IN ('A', 'N', 'U')",
        "NOT regexp_matches(tzone, '^[A-Z][a-z]+/[A-Z][A-Za-z_]+$')", "faa IN ('EWR', 'JFK', 'LGA')",
    ],
    "planes": [
        "NOT regexp_matches(tailnum, '^N[0-9A-Z]{1,5}$')", "type = 'Rotorcraft'",
        "type NOT IN ('Fixed wing multi engine', 'Fixed wing single engine', 'Rotorcraft')",
        "engine NOT IN ('4 Cycle', 'Reciprocating', 'Turbo-fan', 'Turbo-jet', 'Turbo-prop', 'Turbo-shaft')",
        "(type = 'Fixed wing single engine' AND engines <> 1) OR (type = 'Fixed wing multi engine' AND engines < 2)",
    ],
}  # fmt: skip
KEYS = [("flights", "time_hour, carrier, flight"), ("weather", "time_hour, origin"), ("airlines", "carrier"), ("airlines", "name"),
        ("airports", "faa"), ("planes", "tailnum")]  # fmt: skip
REFERENCES = [
    ("flights", "carrier", "airlines", "carrier"),
    ("flights", "tailnum", "planes", "tailnum"),
    ("flights", "origin", "airports", "faa"),
    ("flights", "dest", "airports", "faa"),
    ("weather", "origin", "airports", "faa"),
]
QUERIES = [
    "SELECT AVG(CASE WHEN dep_time IS NULL THEN 1 ELSE 0 END) FROM flights",
    "SELECT COUNT(w.origin) / COUNT(*) FROM flights f "
    "LEFT JOIN weather w ON w.origin = f.origin AND w.time_hour = f.time_hour",
    """WITH routes AS (SELECT DISTINCT origin, dest, distance FROM flights), measured AS (
      SELECT r.distance, 2 * 3959 * asin(sqrt(pow(sin(radians(d.lat - o.lat) / 2), 2)
        + cos(radians(o.lat)) * cos(radians(d.lat)) * pow(sin(radians(d.lon - o.lon) / 2), 2))) AS on_globe
      FROM routes r JOIN airports o ON o.faa = r.origin JOIN airports d ON d.faa = r.dest)
    SELECT COUNT(*) FROM measured WHERE abs(distance - on_globe) > 10""",
    "SELECT COUNT(DISTINCT make_date(year, month, day)) FROM weather",
    "SELECT COUNT(*) / (3 * 365 * 24) FROM weather",
    "SELECT COUNT(*) FROM airlines a WHERE NOT EXISTS (SELECT 1 FROM flights f WHERE f.carrier = a.carrier)",
    "SELECT COUNT(*) FROM (SELECT 1 FROM airports GROUP BY round(lat, 3), round(lon, 3) HAVING COUNT(*) > 1)",
    "SELECT COUNT(*) FROM planes p WHERE NOT EXISTS (SELECT 1 FROM flights f WHERE f.tailnum = p.tailnum)",
]


def main() -> None:
    """Run all checks and print what they find."""
    database = duckdb.connect()
    for table in MISSING:
        database.execute(f"CREATE VIEW {table} AS FROM '{DATA / table}.parquet'")
    for table, columns in MISSING.items():
        print(table, database.execute(f"DESCRIBE {table}").fetchall())
        parts = ["count(*)", *(f"count(*) - count({c})" for c in columns.split())]
        for column, (low, high) in BETWEEN[table].items():
            parts += [f"count_if({column} < {low})", f"count_if({column} > {high})"]
        parts += [f"count_if({condition})" for condition in OTHER[table]]
        print(database.execute(f"SELECT {', '.join(parts)} FROM {table}").fetchall())
    for table, key in KEYS:
        groups = f"SELECT count(*) AS k FROM {table} GROUP BY {key} HAVING count(*) > 1"
        print(table, key, database.execute(f"SELECT coalesce(sum(k - 1), 0) FROM ({groups})").fetchall())
    for table, column, other, key in REFERENCES:
        query = (
            f"SELECT count(*) FROM {table} a ANTI JOIN {other} b ON a.{column} = b.{key} WHERE a.{column} IS NOT NULL"
        )
        print(table, column, database.execute(query).fetchall())
    for query in QUERIES:
        print(database.execute(query).fetchall())


if __name__ == "__main__":
    main()
