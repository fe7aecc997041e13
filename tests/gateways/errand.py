"""An errand for tests of gateways: it calls through, and remembers what was asked and how it went."""

from collections.abc import Callable
from dataclasses import dataclass, field

from domain.sources import Answer, Ask


@dataclass
class StraightErrand:
    """No cache, no quota. `asked` holds every question in order; those answered twice stand there twice."""

    asked: list[Ask] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    def fetch(self, ask: Ask, call: Callable[[], Answer]) -> Answer:
        self.asked.append(ask)
        answer = call()
        self.answers.append(answer)
        return answer

    @property
    def operations(self) -> list[str]:
        return [ask.operation for ask in self.asked]


class KeepingErrand(StraightErrand):
    """Keeps answers by their key, as the fetch cache does; a killed run starts anew with what was kept."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], Answer] = {}

    def fetch(self, ask: Ask, call: Callable[[], Answer]) -> Answer:
        name = (ask.operation, ask.key)
        if name in self.kept:
            return self.kept[name]
        answer = super().fetch(ask, call)
        if ask.is_kept:
            self.kept[name] = answer
        return answer
