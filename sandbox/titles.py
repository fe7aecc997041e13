"""Titles of the demo world: plausible, of our own making, and built from switches so that every title feature is known.

What a switch does to views is in `sandbox.demo`; how a feature is recognised in a title is in `domain.features`.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Switches:
    """Which features a title is to have."""

    question: bool
    number: bool
    emoji: bool
    bracket: bool
    capitals: bool


@dataclass(frozen=True, slots=True)
class Niche:
    """What an account talks about."""

    name: str
    verbs: tuple[str, ...]
    things: tuple[str, ...]
    emoji: str


NICHES = (
    Niche(
        "Kitchen",
        ("bake", "freeze", "season", "prepare", "reheat"),
        (
            "sourdough",
            "flatbread",
            "lentil soup",
            "rye crackers",
            "roast carrots",
            "a bean stew",
            "oat biscuits",
            "plum jam",
            "cold noodles",
        ),
        "🍞",
    ),
    Niche(
        "Workshop",
        ("sand", "glue", "repair", "build", "varnish"),
        ("a shelf", "an old stool", "a toolbox", "a bird house", "a kitchen drawer", "a picture frame", "a workbench", "a garden gate"),
        "🔨",
    ),
    Niche(
        "Garden",
        ("prune", "plant", "water", "compost", "harvest"),
        ("tomatoes", "a hedge", "winter leeks", "raspberries", "a herb bed", "climbing roses", "pumpkins", "a wild meadow"),
        "🌱",
    ),
    Niche(
        "Cycling",
        ("clean", "adjust", "replace", "true", "grease"),
        ("a chain", "a rear wheel", "rim brakes", "a saddle", "old pedals", "a gear cable", "a headset", "a dynamo lamp"),
        "🚲",
    ),
    Niche(
        "Chess",
        ("defend", "attack", "learn", "break", "play"),
        (
            "the endgame",
            "a closed centre",
            "rook endings",
            "a fianchetto",
            "the quiet opening",
            "a pawn storm",
            "the exchange",
            "a passed pawn",
        ),
        "♟️",
    ),
    Niche(
        "Sewing",
        ("hem", "mend", "cut", "line", "shorten"),
        ("wool trousers", "a linen shirt", "a rain coat", "heavy curtains", "a torn pocket", "a canvas bag", "a quilt", "an apron"),
        "🧵",
    ),
    Niche(
        "Coffee",
        ("grind", "brew", "taste", "dial in", "roast"),
        ("a light roast", "filter coffee", "espresso", "decaf beans", "a moka pot", "cold brew", "old beans", "a cheap blend"),
        "☕",
    ),
    Niche(
        "Night Sky",
        ("find", "photograph", "sketch", "track", "observe"),
        (
            "the moons of Jupiter",
            "a comet",
            "star clusters",
            "the ring nebula",
            "Saturn",
            "a meteor shower",
            "sun spots",
            "a lunar eclipse",
        ),
        "🔭",
    ),
)

# By (question, number): no digit and no question mark outside the switches.
LEADS = {
    (False, False): ("how I {verb} {thing}", "the calm way to {verb} {thing}", "watch me {verb} {thing}", "learning to {verb} {thing}"),
    (True, False): (
        "should you {verb} {thing}?",
        "why does nobody {verb} {thing}?",
        "when do you {verb} {thing}?",
        "is it hard to {verb} {thing}?",
    ),
    (False, True): (
        "{n} ways to {verb} {thing}",
        "I {verb} {thing} in {n} minutes",
        "{n} mistakes when you {verb} {thing}",
        "{verb} {thing} with {n} tools",
    ),
    (True, True): (
        "can you {verb} {thing} in {n} minutes?",
        "which of {n} ways to {verb} {thing}?",
        "do you need {n} tools to {verb} {thing}?",
    ),
}
TAILS = (
    "",
    "",
    "",
    "at home",
    "on a rainy day",
    "without any fuss",
    "for beginners",
    "the way my neighbour taught me",
    "with what is already in the house",
    "before the season ends and everything changes",
    "and what I would do differently next time",
)
BRACKETS = ("(step by step)", "[full video]", "(no cuts)", "[honest result]", "(part of a series)")


def compose(niche: Niche, switches: Switches, rng: np.random.Generator, *, phrase: str = "") -> str:
    """One title that has exactly the features that are switched on. `phrase` takes the place of the tail that is drawn."""
    lead = _pick(LEADS[switches.question, switches.number], rng)
    text = lead.format(verb=_pick(niche.verbs, rng), thing=_pick(niche.things, rng), n=int(rng.integers(2, 31)))
    drawn = _pick(TAILS, rng)
    tail = phrase or drawn
    if tail:
        text = f"{tail}, {text}" if text.endswith("?") else f"{text} {tail}"
    text = _shout_a_word(text, rng) if switches.capitals else text[0].upper() + text[1:]
    if switches.bracket:
        text = f"{text} {_pick(BRACKETS, rng)}"
    return f"{text} {niche.emoji}" if switches.emoji else text


def _pick(choices: tuple[str, ...], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]


def _shout_a_word(text: str, rng: np.random.Generator) -> str:
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if len(word) >= 4 and word.isalpha()]
    chosen = long[int(rng.integers(len(long)))] if long else 0
    words[chosen] = words[chosen].upper()
    shouted = " ".join(words)
    return shouted[0].upper() + shouted[1:]
