"""One line of `whyral doctor`, and what all of them come to. What is looked at is in the modules beside this one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

HIDDEN = "**********"
START = "start it with `whyral up`"


class Level(StrEnum):
    """`warn` needs somebody's eye, `fail` needs somebody's hand."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; whatever is not ok says what to do."""

    check: str
    level: Level
    found: str
    advice: str = ""

    def __post_init__(self) -> None:
        if (self.level is Level.OK) == bool(self.advice):
            raise ValueError(f"{self.check}: advice goes with what is not ok, and with nothing else")


def ok(check: str, found: str) -> Finding:
    return Finding(check, Level.OK, found)


def warn(check: str, found: str, advice: str) -> Finding:
    return Finding(check, Level.WARN, found, advice)


def fail(check: str, found: str, advice: str) -> Finding:
    return Finding(check, Level.FAIL, found, advice)


def not_running(check: str) -> Finding:
    return warn(check, "not running", START)


def exit_code(findings: Iterable[Finding]) -> int:
    return int(any(each.level is Level.FAIL for each in findings))


def without(secrets: Iterable[str], finding: Finding) -> Finding:
    """The same with no secret in it, whoever's words it quotes."""
    found, advice = finding.found, finding.advice
    for secret in filter(None, secrets):
        found, advice = found.replace(secret, HIDDEN), advice.replace(secret, HIDDEN)
    return replace(finding, found=found, advice=advice)


def listed(words: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {word}" for name, word in words.items())
