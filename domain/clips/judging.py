"""What a judge is asked about a candidate, and what its answers are worth. Who judges is behind the port `Judges`; none is needed.

Questions are categorical: no judge is asked for a number, for such numbers crowd together (75 to 99) and mean nothing. Each answer is
worth what the table says, the same for every judge and every video.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from domain.clips.runs import Measure, Run
from domain.clips.source import Source
from domain.errors import SourceRefused

# The answer that leaves a question open.
CANNOT_SAY = "cannot say"


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its answers, each worth 0 to 1."""

    words: str
    answers: Mapping[str, float]


QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {
        "stands_alone": Question(
            "Can somebody follow it who has not seen the rest of the video?",
            {"yes": 1.0, "with one thing missing": 0.5, "no": 0.0},
        ),
        "opening": Question(
            "What do its first words do?",
            {
                "raise a question": 1.0,
                "claim something surprising": 1.0,
                "begin a story": 0.8,
                "state a topic": 0.4,
                "greet or announce": 0.0,
            },
        ),
        "ending": Question(
            "Does it end where its thought ends?",
            {"yes": 1.0, "a sentence too early or too late": 0.5, "no": 0.0},
        ),
        "keeps_promise": Question(
            "Is what the opening promises there before the end?",
            {"yes": 1.0, "partly": 0.5, "it promises nothing": 0.3, "no": 0.0},
        ),
    }
)


def judged(source: Source) -> Measure | str:
    """The mean worth of the answers about a candidate. Raises SourceRefused for an answer that was not on the list."""
    if source.answers is None:
        return "no judge is configured"
    answers = source.answers

    def measure(run: Run) -> tuple[float, float] | str:
        given = answers.get((run.first, run.last))
        if given is None:
            return "the judge was not asked about this part"
        worth = [_worth(name, answer) for name, answer in given.items() if answer != CANNOT_SAY]
        if not worth:
            return "the judge could not say"
        mean = sum(worth) / len(worth)
        return mean, mean

    return measure


def _worth(name: str, answer: str) -> float:
    question = QUESTIONS.get(name)
    if question is None or answer not in question.answers:
        raise SourceRefused("judge", f"the answer to {name} was none of those that were offered")
    return question.answers[answer]
