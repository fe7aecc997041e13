"""What is said in the composed talk of `interview`: six subjects, each a question and its answer, with fillers and silences."""

from dataclasses import dataclass

HOST, GUEST = 0, 1


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, whose it is, and how it is shown."""

    who: int
    text: str
    is_close: bool = False
    is_followed_by_silence: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """Lines about one thing; with a `slide`, its words (a title, then lines) fill the picture instead of the people."""

    title: str
    lines: tuple[Line, ...]
    slide: tuple[str, ...] | None = None


def _asked(question: str, *answers: str, silent_after: int = -1) -> tuple[Line, ...]:
    """A question of the host, then the guest: two lines alone, one with both in the picture, and so on."""
    told = (Line(GUEST, text, is_close=at % 3 < 2, is_followed_by_silence=at == silent_after) for at, text in enumerate(answers))
    return (Line(HOST, question), *told)


BREAD = Subject(
    "Bread",
    _asked(
        "Why does bread from a bakery taste so much better than bread from a machine?",
        "The dough of a bakery rests for sixteen hours in the cold, and a machine gives it two.",
        "In the cold the yeast is slow, and the bacteria have time to make acid, and acid is taste.",
        "So the flour is the same, the salt is the same, and the oven is almost the same.",
        "Um, the only thing that you cannot buy is, uh, the time that the dough was left alone.",
        "Mix your flour with water and a little yeast tonight, and bake the dough tomorrow.",
        "You will never go back to the bread of the machine.",
        silent_after=2,
    ),
)
BEES = Subject(
    "Bees",
    _asked(
        "How do bees decide where the whole swarm is going to live?",
        "Scouts fly out, look at hollow trees, and come back to dance on the swarm.",
        "A better hollow gets a longer dance, and a longer dance sends more scouts to that tree.",
        "When twenty or thirty scouts meet inside one hollow, the swarm has made its decision.",
        "Nobody leads the bees, and no bee has seen more than two of the trees.",
        "Um, in tests the swarm took the best of five hollows in four of five trials.",
        "That is better than most committees that I have sat on.",
    ),
)
TIDES = Subject(
    "Tides",
    _asked(
        "What makes the tide come twice a day, when the moon passes only once?",
        "The moon pulls the near side of the ocean more than it pulls the middle of the earth.",
        "It pulls the middle of the earth more than it pulls the far side of the ocean.",
        "So the water stands high on both sides, and the earth turns below two hills of water.",
        "Where the coast is a funnel, the hill of water grows to fifteen metres.",
        "The tide is late by fifty minutes every day, because the moon moves on.",
        silent_after=2,
    ),
    slide=("Two hills of water", "near side: pulled more", "far side: pulled less", "15 metres in a funnel"),
)
SLEEP = Subject(
    "Sleep",
    _asked(
        "Is it true that you can catch up on lost sleep at the weekend?",
        "Only a part of it, and that surprised everybody in the sleep laboratory.",
        "After five short nights people slept ten hours, and felt fine in the morning.",
        "Their reaction times, uh, were still as slow as after the third short night.",
        "The feeling of being tired goes away long before the brain has recovered from short sleep.",
        "So do not trust how awake you feel, and keep the hours of your sleep the same.",
        silent_after=1,
    ),
)
BICYCLES = Subject(
    "Bicycles",
    _asked(
        "What keeps a bicycle upright when nobody holds the handlebar?",
        "For a hundred years everybody said that the spinning wheels of the bicycle are a gyroscope.",
        "Then three engineers built a bicycle whose wheels cancelled each other, and it still stayed up.",
        "What matters is that the front of the bicycle falls faster than the back, and steers into the fall.",
        "The wheels come back below the weight, like a broom that you balance on your hand.",
        "Um, we have ridden bicycles for two centuries, and the full answer is from the year two thousand eleven.",
        silent_after=3,
    ),
)
MAPS = Subject(
    "Maps",
    _asked(
        "Which mistake is on every map that we have on the wall at school?",
        "You cannot flatten a ball without stretching it, so every flat map of the world tells a lie.",
        "The map at school keeps the angles, because sailors needed angles, and it gives up the sizes.",
        "On that map Greenland looks as large as Africa, and Africa is fourteen times as large.",
        "A map that keeps the sizes makes the shapes of the countries look wrong instead.",
        "So ask what a map was made for, and you know what it lies about.",
    ),
)
SUBJECTS = (BREAD, BEES, TIDES, SLEEP, BICYCLES, MAPS)
