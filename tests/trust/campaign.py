"""What all campaigns of this folder share: a seed that is printed, so that what was found is found again, and the counts."""

import os
import random
import sys

DEFAULT_SEED = 7


def seeded(name: str) -> random.Random:
    """The source of chance of one campaign; WHYRAL_SEED chooses another."""
    seed = int(os.environ.get("WHYRAL_SEED", DEFAULT_SEED))
    sys.stdout.write(f"\n{name}: seed {seed}\n")
    return random.Random(f"{name} {seed}")


def told(name: str, **counts: object) -> None:
    """The counts of a campaign, as `make fuzz-...` shows them."""
    found = ", ".join(f"{word.replace('_', ' ')} {count}" for word, count in counts.items())
    sys.stdout.write(f"{name}: {found}\n")
