"""A service that says what a test wrote, answer by answer, and remembers what it was asked."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sandbox.serving import Answered, Asked


@dataclass
class Scripted:
    """The last answer is said for ever."""

    answers: list[Answered]
    asked: list[Asked] = field(default_factory=list)
    hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ("/",)

    def answer(self, asked: Asked) -> Answered:
        self.asked.append(asked)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def saying(*answers: Answered | dict[str, Any]) -> Scripted:
    return Scripted([each if isinstance(each, Answered) else Answered.of_json(each) for each in answers])


def error(status: int, reason: str, message: str = "no", **headers: str) -> Answered:
    """A refusal as Google words it."""
    body = {"error": {"code": status, "message": message, "errors": [{"message": message, "domain": "x", "reason": reason}]}}
    return Answered.of_json(body, status=status, headers={name.replace("_", "-"): word for name, word in headers.items()})


def page(kind: str, items: Iterable[dict[str, Any]] = (), token: str | None = None) -> dict[str, Any]:
    return {"kind": f"youtube#{kind}", "items": list(items)} | ({"nextPageToken": token} if token else {})
