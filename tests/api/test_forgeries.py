"""Forged credentials by the thousand: none of them opens the door (M28)."""

import base64
import hashlib
import hmac
import json
import os
import random
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from litestar import Litestar
from litestar.testing import TestClient

from api.bounds import HEADER_BYTES
from domain.errors import Unauthenticated
from gateways.credentials import Tokens
from gateways.session_secrets import SessionSecrets
from store.database import Database
from tests.api.conftest import SECRET, Caller, make_session
from tests.conftest import Member

Claims = dict[str, Any]
# What fits into a head beside the test client's own headers.
MOST = HEADER_BYTES - 1_000
DIGESTS = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def signed(header: Claims, claims: Claims, secret: bytes, digest: Any = hashlib.sha256) -> str:
    """Made by hand: libraries refuse to make most of these."""
    words = f"{text(json.dumps(header).encode())}.{text(json.dumps(claims).encode())}"
    return f"{words}.{text(hmac.new(secret, words.encode(), digest).digest())}"


@cache
def public_key() -> bytes:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    return made.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


class Forger:
    """Knows a live session, and sometimes the secret: then something else is wrong."""

    def __init__(self, member: Member, live: UUID, ended: UUID, seed: int) -> None:
        self.member, self.live, self.ended, self.chance = member, live, ended, random.Random(seed)
        self.kinds = sorted(name for name in dir(self) if name.startswith("a_"))

    def make(self) -> tuple[str, str]:
        kind = self.chance.choice(self.kinds)
        return kind, getattr(self, kind)()

    def claims(self, **changes: object) -> Claims:
        now = int(datetime.now(UTC).timestamp())
        good: Claims = {
            "iss": "whyral", "aud": "whyral-api", "sub": str(self.member.user_id), "tenant": str(self.member.tenant_id), "type": "access",
            "sid": str(self.live), "jti": self.noise(8).hex(), "iat": now, "exp": now + 300,
        }  # fmt: skip
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def noise(self, length: int) -> bytes:
        return self.chance.randbytes(length)

    def right(self, **changes: object) -> str:
        return signed({"alg": "HS256", "typ": "JWT"}, self.claims(**changes), SECRET.encode())

    def wrong(self, **header: object) -> str:
        return signed({"alg": "HS256", "typ": "JWT", **header}, self.claims(), self.noise(32))

    def a_token_without_a_signature(self) -> str:
        header = {"alg": self.chance.choice(["none", "None", "NONE", "nOnE", "", None, 0]), "typ": "JWT"}
        return signed(header, self.claims(), b"").rpartition(".")[0] + "." + self.chance.choice(["", text(self.noise(32))])

    def a_token_of_another_algorithm_with_the_right_secret(self) -> str:
        name = self.chance.choice(["HS384", "HS512"])
        return signed({"alg": name, "typ": "JWT"}, self.claims(), SECRET.encode(), DIGESTS[name])

    def a_token_that_confuses_a_public_key_with_a_secret(self) -> str:
        header = {"alg": self.chance.choice(["HS256", "RS256", "ES256", "EdDSA", "PS256"]), "typ": "JWT"}
        return signed(header, self.claims(), self.chance.choice([public_key(), public_key().strip(), b"", b"secret"]))

    def a_kid_that_leads_elsewhere(self) -> str:
        return self.wrong(
            kid=self.chance.choice(
                ["../../../../dev/null", "' union select 'x' --", "/proc/self/environ", "\x00", "| id", self.noise(4).hex()]
            )
        )

    def a_header_that_brings_its_own_key(self) -> str:
        name = self.chance.choice(["jku", "x5u", "jwk", "x5c"])
        own = {"kty": "oct", "k": text(self.noise(32))}
        return self.wrong(**{name: own if name == "jwk" else [text(public_key())] if name == "x5c" else "https://evil.example/keys"})

    def a_header_that_must_be_understood(self) -> str:
        return self.wrong(crit=[self.chance.choice(["exp", "b64", "x"])], b64=False)

    def a_token_for_somebody_else(self) -> str:
        name, words = self.chance.choice(
            [("aud", ["x", "whyral", "", 5, ["x"], {}]), ("iss", ["x", "whyral-api", "", 5, [], "https://whyral"])]
        )
        return self.right(**{name: self.chance.choice(words)})

    def a_token_of_another_type(self) -> str:
        return self.right(type=self.chance.choice(["refresh", "", "Access", 1, ["access"], "second_factor"]))

    def a_token_that_lacks_a_claim(self) -> str:
        return self.right(**{self.chance.choice(["exp", "iat", "iss", "aud", "sub", "jti", "type", "tenant", "sid"]): None})

    def a_claim_of_another_shape(self) -> str:
        return self.right(
            **{self.chance.choice(["sub", "tenant", "sid"]): self.chance.choice(["x", 5, [], {}, "' or 1=1 --", str(uuid4()) + "x", True])}
        )

    def a_time_that_is_wrong(self) -> str:
        now = int(datetime.now(UTC).timestamp())
        changes: list[Claims] = [
            {"exp": now - 1 - self.chance.randrange(10**6)},
            {"iat": now + 3600},
            {"nbf": now + 3600},
            {"exp": "soon"},
            {"exp": -1},
        ]
        return self.right(**self.chance.choice(changes))

    def a_session_that_ended(self) -> str:
        return self.right(sid=str(self.ended))

    def a_session_that_never_was(self) -> str:
        return self.right(sid=str(uuid4()))

    def a_workspace_that_is_not_theirs(self) -> str:
        return self.right(tenant=str(uuid4()))

    def a_refresh_token_as_an_access_token(self) -> str:
        return SessionSecrets(SECRET).refresh_token(self.live, self.chance.randrange(3))

    def a_bit_that_fell_over(self) -> str:
        head, body, signature = self.right().split(".")
        parts = [head, body, signature]
        number = self.chance.randrange(3)
        raw = bytearray(base64.urlsafe_b64decode(parts[number] + "=" * (-len(parts[number]) % 4)))
        raw[self.chance.randrange(len(raw))] ^= 1 << self.chance.randrange(8)
        parts[number] = text(bytes(raw))
        return ".".join(parts)

    def a_claim_under_anothers_signature(self) -> str:
        head, _, signature = self.right().split(".")
        return f"{head}.{text(json.dumps(self.claims(sub=str(uuid4()))).encode())}.{signature}"

    def a_key_that_nobody_made(self) -> str:
        return f"whyral_{uuid4().hex}_{text(self.noise(32))}"

    def a_flood(self) -> str:
        sign = self.chance.choice(["a", ".", "=", "eyJ", "whyral_", "\x7f", "[", "{"])
        return (sign * 1_000_000)[: self.chance.choice([5_000, 100_000, 1_000_000])]  # the longer ones do not get past the bound of heads

    def a_noise(self) -> str:
        return text(self.noise(self.chance.randrange(1, 400))) + self.chance.choice(["", ".", "..", ".e30."])


@pytest.fixture
def forger(client: TestClient[Litestar], database: Database, member: Member, request: pytest.FixtureRequest) -> Forger:
    ended = make_session(client, member)
    with database.begin_anonymous() as uow:
        uow.sessions.end(ended, "logout")
    return Forger(member, make_session(client, member), ended, int(os.environ.get("WHYRAL_FUZZ_SEED", "1")))


def accepted(client: TestClient[Litestar], forger: Forger, count: int) -> tuple[list[str], dict[int, int]]:
    """The kinds that opened the door, and the answers by status."""
    opened, statuses = [], dict[int, int]()
    for _ in range(count):
        kind, token = forger.make()
        answer = client.get("/api/v1/me", headers={b"Authorization": b"Bearer " + token.encode()})
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        if answer.status_code != (431 if len(token) > MOST else 401):
            opened.append(f"{kind}: {answer.status_code} {token[:300]}")
    return opened, statuses


def test_the_forger_could_make_a_good_token(client: TestClient[Litestar], forger: Forger) -> None:
    assert Caller(client, forger.right()).get("/me").status_code == 200
    assert len(forger.kinds) == 20


def test_no_forged_token_is_accepted(client: TestClient[Litestar], forger: Forger) -> None:
    assert accepted(client, forger, 200)[0] == []


@pytest.mark.fuzz
def test_none_of_five_thousand_forged_tokens_is_accepted(
    client: TestClient[Litestar], forger: Forger, capsys: pytest.CaptureFixture[str]
) -> None:
    opened, statuses = accepted(client, forger, int(os.environ.get("WHYRAL_FUZZ_TOKENS", "5000")))

    with capsys.disabled():
        print(f"\nforged tokens: seed {os.environ.get('WHYRAL_FUZZ_SEED', '1')}, {len(forger.kinds)} kinds, answers {statuses}")  # noqa: T201 - what a campaign is run for
    assert opened == []


def test_a_forged_refresh_token_is_nobodys_and_ends_no_session(client: TestClient[Litestar], forger: Forger) -> None:
    for token in (forger.wrong(), forger.right(), SessionSecrets("x" * 64).refresh_token(forger.live, 0), f"whr_{text(forger.noise(52))}"):
        assert Caller(client).post("/auth/refresh", {"refresh_token": token}).status_code == 401

    assert Caller(client, forger.right()).get("/me").status_code == 200


def test_a_token_is_refused_by_its_signature_before_the_database_is_asked() -> None:
    with pytest.raises(Unauthenticated):
        Tokens("another secret of at least 32 characters").read(
            Tokens(SECRET).issue(user_id=uuid4(), tenant_id=uuid4(), session_id=uuid4(), now=datetime.now(UTC) - timedelta(minutes=1))
        )
