"""What was granted outlives the sandbox's process."""

from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.google import Google
from sandbox.google.grants import GrantRefused, Grants
from sandbox.google.memory import keep_in
from sandbox.world import Clock, make_world
from tests.sandbox.google.place import EPOCH, READ, REDIRECT

WORDS = {"redirect_uri": REDIRECT, "access_type": "offline"}


def opened(folder: Path, clock: Clock) -> Grants:
    """As a process that starts."""
    grants = Google(make_world(seed=1, epoch=EPOCH, accounts=5, posts=1), clock).grants
    keep_in(folder / "grants.json", grants)
    return grants


def test_tokens_live_on_and_revoked_ones_stay_dead(tmp_path):
    clock = Clock(frozen_at=EPOCH)
    first = opened(tmp_path, clock)
    mine, theirs = ({**first.exchange(first.allow(who, [READ], WORDS), REDIRECT, None), "who": who} for who in ("UCmine", "UCtheirs"))
    first.end("UCtheirs")

    second = opened(tmp_path, clock)

    holder = second.holder(str(mine["access_token"]))
    assert holder is not None
    assert (holder.channel_id, holder.scopes) == ("UCmine", frozenset({READ}))
    assert second.holder(str(theirs["access_token"])) is None
    assert second.refresh(str(mine["refresh_token"]))["expires_in"] == 3599
    with pytest.raises(GrantRefused):
        second.refresh(str(theirs["refresh_token"]))
    clock.advance(timedelta(seconds=3601))
    assert opened(tmp_path, clock).holder(str(mine["access_token"])) is None


def test_a_file_that_cannot_be_read_is_begun_anew(tmp_path):
    (tmp_path / "grants.json").write_text('{"consents": [7]}')
    grants = opened(tmp_path, Clock(frozen_at=EPOCH))

    code = grants.allow("UCmine", [READ], WORDS)

    assert opened(tmp_path, Clock(frozen_at=EPOCH)).exchange(code, REDIRECT, None)["token_type"] == "Bearer"
