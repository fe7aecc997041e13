"""The passwords that everybody tries: the lists of zxcvbn. Its estimator is not used (docs/decisions/0021-passwords-sessions.md)."""

from functools import cache

from zxcvbn.frequency_lists import FREQUENCY_LISTS


@cache
def common_passwords() -> frozenset[str]:
    """30,000 passwords by how often they were found in leaks (zxcvbn's `passwords`), in small letters."""
    return frozenset(FREQUENCY_LISTS["passwords"])
