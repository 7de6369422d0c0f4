"""The figures, their targets, and the tables on the terminal and in ``bench/results.md``."""

import statistics
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from bench import signin, tokens, trail
from bench.reads import CASES, DOWNLOAD, PAGE_HTML, PAGE_JSON
from bench.trail import Costs

UPLOAD = "upload of 200 small wheels"
UPLOAD_IN_SESSION = "the same, with devpi's own client's sign-in"
OURS, PYPISERVER, DEVPI, NGINX = "Strongroom", "pypiserver", "devpi-server", "nginx"
NAMES = [OURS, PYPISERVER, DEVPI, NGINX]
MAX_MEGABYTES = 130
MAX_START_SECONDS = 2
_MARK = {True: "reached", False: "MISSED", None: "not measured"}


@dataclass(slots=True)
class Results:
    """What was measured: (case, server) -> times a second, one for each round; why something was not."""

    rates: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    first_start: dict[str, float] = field(default_factory=dict)
    second_start: dict[str, float] = field(default_factory=dict)
    megabytes: dict[str, float] = field(default_factory=dict)
    bytes_of: str = OURS  # whose answers nginx serves as files
    signin: dict[str, float] = field(default_factory=dict)  # what -> milliseconds of CPU
    tokens: dict[str, float] = field(default_factory=dict)
    trail: dict[str, Costs] = field(
        default_factory=dict
    )  # database -> what -> milliseconds, or entries a second

    def add(self, case: str, server: str, rate: float) -> None:
        """Note one round."""
        self.rates.setdefault((case, server), []).append(rate)

    def median(self, case: str, server: str) -> float | None:
        """The median of all rounds, or None where there was none."""
        found = self.rates.get((case, server))
        return statistics.median(found) if found else None

    def median_of_best_peer(self, case: str) -> float | None:
        """The better of pypiserver and devpi-server."""
        found = [rate for name in (PYPISERVER, DEVPI) if (rate := self.median(case, name))]
        return max(found, default=None)


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached. ``reached`` is None when it could not be measured."""

    what: str
    target: str
    figure: str
    reached: bool | None


def goals(results: Results) -> list[Goal]:
    """Every target beside its figure."""
    found = []
    for case in (PAGE_HTML, PAGE_JSON):
        ours, best = results.median(case, OURS), results.median_of_best_peer(case)
        found.append(_ratio(f"{case} / better of pypiserver and devpi-server", ours, best, least=30))
        found.append(_ratio(f"{case} / nginx", ours, results.median(case, NGINX), least=0.45))
    ours = results.median(DOWNLOAD, OURS)
    found.append(_ratio(f"{DOWNLOAD} / nginx", ours, results.median(DOWNLOAD, NGINX), least=0.85))
    ours = results.median(UPLOAD, OURS)
    found.append(_ratio(f"{UPLOAD} / devpi-server", ours, results.median(UPLOAD, DEVPI), least=20))
    found.append(_ratio(f"{UPLOAD} / pypiserver", ours, results.median(UPLOAD, PYPISERVER), least=1))
    found.append(
        _at_most("memory of one worker after start", results.megabytes.get(OURS), MAX_MEGABYTES, "MB")
    )
    for what, seconds in (
        ("empty data folder", results.first_start.get(OURS)),
        ("again", results.second_start.get(OURS)),
    ):
        found.append(_at_most(f"start until ready, {what}", seconds, MAX_START_SECONDS, "s"))
    found += _signin_goals(results.signin) + _token_goals(results.tokens)
    return found + [
        goal for name in trail.DATABASES for goal in _trail_goals(name, results.trail.get(name, {}))
    ]


def _signin_goals(costs: dict[str, float]) -> list[Goal]:
    bare = costs.get(signin.ARGON2)
    found = []
    for case in (signin.APP, signin.KEY, signin.PASSKEY):
        ratio = costs[case] / bare if bare and case in costs else None
        found.append(_at_most(f"{case} / bare argon2", ratio, signin.MAX_OVER_ARGON2, "x"))
    for case, most in (
        (signin.TOTP_CHECK, signin.MAX_TOTP_MILLISECONDS),
        (signin.ASSERTION, signin.MAX_ASSERTION_MILLISECONDS),
        (signin.KEY_ROWS, signin.MAX_ASSERTION_MILLISECONDS),
    ):
        found.append(_at_most(case, costs.get(case), most, "ms of CPU"))
    return found


def _token_goals(costs: dict[str, float]) -> list[Goal]:
    return [
        _at_most(case, costs.get(case), tokens.MAX_MILLISECONDS, "ms of CPU")
        for case in (tokens.AUTHORIZE, tokens.NARROWED)
    ]


def _trail_goals(database: str, costs: Costs) -> list[Goal]:
    found = []
    for case in trail.ACTIONS:
        bare = costs.get(case + trail.WITHOUT)
        ratio = costs[case] / bare if bare and case in costs else None
        found.append(_at_most(f"{case} / without its event, {database}", ratio, trail.MOST_OVER, "x"))
    slowest = max((cost for case, cost in costs.items() if case.startswith(trail.SEARCH)), default=None)
    found.append(
        _at_most(
            f"the slowest search of the trail, {database}", slowest, trail.MOST_SEARCH_MILLISECONDS, "ms"
        )
    )
    verified = costs.get(trail.VERIFY)
    found.append(
        Goal(
            f"{trail.VERIFY}, {database}",
            f"≥ {trail.LEAST_VERIFIED:,}",
            _number(verified),
            None if verified is None else verified >= trail.LEAST_VERIFIED,
        )
    )
    return found


def show(results: Results, console: Console) -> None:
    """Print both tables."""
    rates = Table("answers a second (medians)", title="Measured")
    for name in NAMES:
        rates.add_column(name, justify="right")
    for row in _rate_rows(results):
        rates.add_row(*row)
    console.print(rates)
    for title, cases, found in _costs(results):
        costs = Table("milliseconds of CPU (medians)", "", title=title.capitalize())
        for case in cases:
            costs.add_row(case, _number(found.get(case)))
        console.print(costs)
    trails = Table("milliseconds (medians)", *trail.DATABASES, title="The audit trail")
    for row in _trail_rows(results):
        trails.add_row(*row)
    console.print(trails)
    table = Table("target", "at least / most", "figure", "", title="Targets")
    for goal in goals(results):
        style = {True: "green", False: "bold red", None: "yellow"}[goal.reached]
        table.add_row(goal.what, goal.target, goal.figure, f"[{style}]{_MARK[goal.reached]}[/]")
    console.print(table)
    for (case, name), why in results.failures.items():
        console.print(f"[yellow]{name}, {case}: {why}[/]", highlight=False)


def markdown(results: Results, *, machine: str, versions: str, method: str) -> str:
    """The page ``bench/results.md``."""
    lines = [
        "# Benchmark results",
        "",
        "Written by `make bench`.",
        "",
        f"Measured on {datetime.now(UTC):%Y-%m-%d} on a machine with {machine}.",
        f"Compared: {versions}.",
        "",
        method,
        "",
        "| answers a second (medians) | " + " | ".join(NAMES) + " |",
        "|---|" + "---:|" * len(NAMES),
        *(f"| {' | '.join(row)} |" for row in _rate_rows(results)),
        "",
        *(line for title, cases, found in _costs(results) for line in _cost_lines(title, cases, found)),
        f"| the audit trail: milliseconds (medians) | {' | '.join(trail.DATABASES)} |",
        "|---|" + "---:|" * len(trail.DATABASES),
        *(f"| {' | '.join(row)} |" for row in _trail_rows(results)),
        "",
        "| target | at least / most | figure | |",
        "|---|---:|---:|---|",
        *(f"| {goal.what} | {goal.target} | {goal.figure} | {_marked(goal)} |" for goal in goals(results)),
        "",
    ]
    lines += [f"- {name}, {case}: {why}" for (case, name), why in results.failures.items()]
    return "\n".join(lines).rstrip() + "\n"


def _rate_rows(results: Results) -> list[list[str]]:
    rows = [
        [case, *(_number(results.median(case, name)) for name in NAMES)]
        for case in [*CASES, UPLOAD, UPLOAD_IN_SESSION]
    ]
    rows.append(
        ["memory of one worker after start, MB", *(_number(results.megabytes.get(name)) for name in NAMES)]
    )
    rows.append(["start until ready, s", *(_number(results.first_start.get(name)) for name in NAMES)])
    return rows


def _costs(results: Results) -> list[tuple[str, list[str], dict[str, float]]]:
    return [
        ("signing in", signin.COSTS, results.signin),
        ("authorizing an upload", tokens.COSTS, results.tokens),
    ]


def _trail_rows(results: Results) -> list[list[str]]:
    cases = dict.fromkeys(case for name in trail.DATABASES for case in results.trail.get(name, {}))
    return [
        [case, *(_number(results.trail.get(name, {}).get(case)) for name in trail.DATABASES)]
        for case in cases
    ]


def _cost_lines(title: str, cases: list[str], found: dict[str, float]) -> list[str]:
    rows = [f"| {case} | {_number(found.get(case))} |" for case in cases]
    return [f"| {title}: milliseconds of CPU (medians) | |", "|---|---:|", *rows, ""]


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _ratio(what: str, ours: float | None, other: float | None, *, least: float) -> Goal:
    if ours is None or other is None:
        return Goal(what, f"≥ {least:g} x", "-", None)
    return Goal(what, f"≥ {least:g} x", f"{ours / other:.2f} x", ours / other >= least)


def _at_most(what: str, value: float | None, most: float, unit: str) -> Goal:
    if value is None:
        return Goal(what, f"< {most:g} {unit}", "-", None)
    return Goal(what, f"< {most:g} {unit}", f"{value:.2f} {unit}", value < most)


def _marked(goal: Goal) -> str:
    return _MARK[goal.reached] if goal.reached else f"**{_MARK[goal.reached]}**"
