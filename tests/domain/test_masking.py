"""What no log line may say, by its name or by its looks; and lines that lose nothing else. Over every call that notes something as well."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.masking import MASK, is_secret, masked, masked_value

ROOT = Path(__file__).parents[2]
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
SECRETS = [
    "whyral_01931c00-0000-7000-8000-000000000003_abcdefgh12345678", JWT, "ya29.a0AfH6SMBx-long", "1//0gabcdefghijklmnop",
    "GOCSPX-abcdefgh12",
    "AIzaSyA-abcdefghijklmnopqrstuvw", "sk_live_abcdefghijkl",
    "rk_live_abcdefghijkl", "pk_live_abcdefghijkl", "whsec_abcdefghijkl", "sk-proj-abcdefghijklmnop",
]  # fmt: skip


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "shape", ["{}", "failed for {}: no", "Authorization: Bearer {}", '{{"x":"{}"}}', "https://x.example/y?token={}&z=1"]
)
def test_what_looks_like_a_secret_is_masked_wherever_it_stands(secret: str, shape: str) -> None:
    assert secret not in masked(shape.format(secret))


def test_urls_lose_their_password_and_their_tokens() -> None:
    assert masked("postgresql://app:hunter2@db:5432/x") == f"postgresql://app:{MASK}@db:5432/x"
    assert masked("https://x.example/reset#token=abc def") == f"https://x.example/reset#token={MASK} def"
    assert masked("https://x.example/callback?state=1&code=4a") == f"https://x.example/callback?state=1&code={MASK}"


@pytest.mark.parametrize(
    "name", ["password", "refresh_token", "client_secret", "api_key", "x-api-key", "Authorization", "Set-Cookie", "code_verifier"]
)
def test_what_goes_under_a_secrets_name_is_masked_whatever_it_looks_like(name: str) -> None:
    assert masked_value(name, "abc") == MASK


def test_everything_else_is_left_alone() -> None:
    line = {
        "request_id": "01931c00-0000",
        "token_count": 5,
        "dedupe_key": "disk",
        "key_id": "x",
        "seconds": 1.5,
        "has_secret": True,
        "none": None,
    }

    assert {name: masked_value(name, word) for name, word in line.items()} == line
    assert masked("the token has expired: log in again") == "the token has expired: log in again"


def test_within_lists_and_mappings_too() -> None:
    assert masked_value("x", {"a": [JWT, {"password": "p"}]}) == {"a": [MASK, {"password": MASK}]}


SUSPICIOUS = re.compile(r"password|secret|token|hash|cookie|credential|verifier|otp|recovery_code")


def noted_keys(source: str) -> Iterator[str]:
    """The names of details in every call of `note(..., details=...)`; those of a function of the same file that makes them, too."""
    tree = ast.parse(source)
    made = {each.name: each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in ("note", "note_platform")):
            continue
        for word in call.keywords:
            if word.arg == "details":
                given = word.value
                if isinstance(given, ast.Call) and isinstance(given.func, ast.Name) and given.func.id in made:
                    given = made[given.func.id]  # type: ignore[assignment]
                yield from _keys(given)


def _keys(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Dict):
            yield from (str(key.value) for key in each.keys if isinstance(key, ast.Constant))


def test_no_note_is_given_a_secret() -> None:
    files = [path for floor in ("services", "api", "store", "assets", "sensors") for path in (ROOT / floor).rglob("*.py")]
    keys = {key for path in files for key in noted_keys(path.read_text(encoding="utf-8"))}

    assert {key for key in keys if SUSPICIOUS.search(key) or is_secret(key)} == set()
    assert {"was", "scopes", "from", "to", "delete_after"} <= keys


def test_a_note_with_a_secret_would_be_found() -> None:
    source = (
        "def f(x): return {'token_hash': x}\nuow.trust.note('a', 'b', actor=None, details=f(1))\nt.note('a', 'b', details={'password': 1})"
    )

    assert set(noted_keys(source)) == {"token_hash", "password"}
