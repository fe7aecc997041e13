"""What no line of a log may say: passwords, tokens, keys. By the name it goes under, and by what it looks like."""

import re
from collections.abc import Mapping

MASK = "**********"
_NAMES = re.compile(
    r"(^|_)(password|passwd|secret|token|tokens|authorization|cookie|cookies|verifier|credential|credentials|otp|recovery_codes?)$"
    r"|(^|[_-])(api|secret|access|private|signing|x-api)[_-]?keys?$|^(set-cookie|x-csrf-token|code_verifier)$",
    re.IGNORECASE,
)
# Our API keys, JSON web tokens, Google's and Stripe's tokens, keys of model providers; a scheme with its credential; URLs with a password.
_LOOKS = re.compile(
    r"""\bwhyral_[A-Za-z0-9-]+_[A-Za-z0-9_-]{8,}
    |\beyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}\.?[A-Za-z0-9_-]*
    |\bya29\.[A-Za-z0-9_-]{8,}|\b1//[A-Za-z0-9_-]{16,}|\bGOCSPX-[A-Za-z0-9_-]{8,}|\bAIza[A-Za-z0-9_-]{20,}
    |\b(?:sk|rk|pk|whsec)_[A-Za-z0-9_]{12,}|\bsk-[A-Za-z0-9_-]{16,}
    |(?<=[#?&]token=)[^\s&"']+|(?<=[#?&]code=)[^\s&"']+""",
    re.VERBOSE,
)
# One of these is in each of them. Most words of a log have none, and are told by it in a tenth of the time.
_MARKS = ("whyral_", "eyJ", "ya29.", "1//", "GOCSPX-", "AIza", "sk_", "rk_", "pk_", "whsec_", "sk-", "token=", "code=")
_SCHEME = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_IN_URL = re.compile(r"(?<=://)([^/\s:@]*):([^/\s@]+)@")
# Words that only say that there is one, or of what kind.
_HARMLESS = frozenset({"", "bearer", "none"})


def masked(word: str) -> str:
    """A text without what looks like a secret."""
    if any(mark in word for mark in _MARKS):
        word = _LOOKS.sub(MASK, word)
    if _SCHEME.search(word):
        word = _SCHEME.sub(rf"\1 {MASK}", word)
    return _IN_URL.sub(rf"\1:{MASK}@", word) if "://" in word else word


def is_secret(name: str) -> bool:
    """Whether what goes under this name is a secret, whatever it looks like."""
    return _NAMES.search(name) is not None


def masked_value(name: str, value: object) -> object:
    """A value of a log line; within lists and mappings too."""
    if is_secret(name) and not (value is None or isinstance(value, bool | int | float) or str(value).lower() in _HARMLESS):
        return MASK
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {key: masked_value(str(key), each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [masked_value("", each) for each in value]
    return value
