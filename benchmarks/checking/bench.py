"""What a case has at hand: data, commands to compare, and a place for its figures."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from checking import truth
from checking.data import Cache, write
from checking.measure import Command, Figure, alternate, run

NOW = "2026-11-22T12:00:00Z"
RUN_SQL = Path(__file__).with_name("run_sql.py")
HAND_PLAN = Path(__file__).with_name("hand_plan.py")
WIDTHS = "{:<34} {:<24} {:>9} {:>9} {:>7}  {:<16} {:>8} {:>8}"


@dataclass(frozen=True)
class Line:
    """One comparison: meshkit's median beside another's, or beside a limit."""

    case: str
    against: str
    seconds: float
    other_seconds: float | None
    peak_mib: float
    other_peak_mib: float | None
    ratio: float
    goal: float | None = None  # the ratio is to be at most this

    def text(self) -> str:
        """Return the line of the table."""
        met = "" if self.goal is None else f"<= {self.goal:g} {'met' if self.ratio <= self.goal else 'missed'}"
        other_seconds = "" if self.other_seconds is None else f"{self.other_seconds:.2f} s"
        other_peak = "" if self.other_peak_mib is None else f"{self.other_peak_mib:.0f}"
        return WIDTHS.format(
            self.case, self.against, f"{self.seconds:.2f} s", other_seconds, f"{self.ratio:.2f}", met,
            f"{self.peak_mib:.0f}", other_peak,
        ).rstrip()  # fmt: skip


HEADER = WIDTHS.format("case", "against", "meshkit", "other", "ratio", "goal", "MiB", "other")


@dataclass(frozen=True)
class Point:
    """One point of a curve."""

    axis: str  # rows, checks or products
    series: str  # meshkit or one naive statement
    x: int
    seconds: float


@dataclass
class Bench:
    """The cache, the options of the run, and the figures so far."""

    cache: Cache
    runs: int
    large: bool = False
    lines: list[Line] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)

    def meshkit(self, contract: Path, *options: str) -> Command:
        """Return `meshkit check` of a contract or folder, as a user would start it; parsed contracts are cached."""
        arguments = (sys.executable, "-m", "meshkit", "check", str(contract), "--now", NOW, "--threads", "2",
                     "--fail-on", "never", "--no-record", *options)  # fmt: skip
        return Command(arguments, environment={"MESHKIT_CACHE": str(self.cache.root / "parsed")})

    def statement(self, folder: Path, text: str, name: str = "naive") -> Command:
        """Return a script that runs statements written by hand."""
        file = write(folder / f"{name}.sql", text)
        return Command((sys.executable, str(RUN_SQL), str(file)))

    def verify(self, ours: Command, expected: Mapping[str, float], others: Mapping[str, Command]) -> float:
        """Hold what each contender counts against what was planted, before anything is timed; return meshkit's seconds.

        Raises:
            WrongAnswerError: A number differs.
        """
        for name, command in others.items():
            truth.assert_same(name, json.loads(run(command).output), expected)
        sample = run(Command((*ours.arguments, "--format", "json"), environment=ours.environment))
        truth.assert_counts(sample.output, expected)
        return sample.seconds

    def counted_by(self, command: Command) -> dict[str, float]:
        """Return the numbers that a script by hand counts, where they are numbers."""
        found = json.loads(run(command).output)
        return {name: number for name, number in found.items() if isinstance(number, int | float)}

    def compare(
        self,
        case: str,
        ours: Command,
        others: Mapping[str, Command],
        goals: Mapping[str, float] | None = None,
        before: Callable[[str], None] = lambda name: None,
        runs: int | None = None,
    ) -> dict[str, Figure]:
        """Time all contenders in turn and add a line for each of the others."""
        figures = alternate({"meshkit": ours, **others}, runs or self.runs, before)
        for name in others:
            goal = None if goals is None else goals.get(name)
            mine, other = figures["meshkit"], figures[name]
            self.add(Line(case, name, mine.seconds, other.seconds, mine.peak_mib, other.peak_mib,
                          mine.seconds / other.seconds, goal))  # fmt: skip
        return figures

    def peak_within(self, case: str, figure: Figure, limit_mib: float) -> None:
        """Add a line that holds a peak of memory against a limit."""
        ratio = figure.peak_mib / limit_mib
        self.add(Line(case, "limit of memory (MiB)", figure.seconds, None, figure.peak_mib, limit_mib, ratio, 1.0))

    def time_within(self, case: str, figure: Figure, limit: float, what: str) -> None:
        """Add a line that holds a time against a limit."""
        self.add(Line(case, what, figure.seconds, limit, figure.peak_mib, None, figure.seconds / limit, 1.0))

    def add(self, line: Line) -> None:
        """Keep a line and print it."""
        self.lines.append(line)
        print(line.text(), flush=True)

    def point(self, axis: str, x: int, figures: Mapping[str, Figure], naive: str = "naive statement") -> None:
        """Add a point to the curves of one axis, for meshkit and for the naive statement."""
        for name, series in (("meshkit", "meshkit"), (naive, "naive statement")):
            if name in figures:
                self.points.append(Point(axis, series, x, round(figures[name].seconds, 4)))

    def as_json(self) -> dict[str, object]:
        """Return the figures as plain values."""
        return {"lines": [_rounded(asdict(line)) for line in self.lines], "points": [asdict(p) for p in self.points]}


def _rounded(line: dict[str, object]) -> dict[str, object]:
    return {key: round(value, 3) if isinstance(value, float) else value for key, value in line.items()}
