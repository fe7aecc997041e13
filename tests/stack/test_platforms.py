"""From a link, or a consent, to figures: the real clients read the sandbox, runs start by themselves, feeds are pushed."""

from functools import partial
from typing import Any

import httpx
import pytest

from sandbox.running import kept_world
from sandbox.world import Creator
from tests.stack.running import Whyral, Workspace, until

pytestmark = pytest.mark.stack


def creators(stack: Whyral, platform: str) -> list[Creator]:
    world = kept_world(stack.home / "sandbox")
    assert world is not None
    return [each for each in world.creators if each.platform == platform and not each.is_empty]


def control(stack: Whyral, path: str, **words: Any) -> None:
    answer = httpx.post(f"http://127.0.0.1:{stack.ports['WHYRAL_SANDBOX_PORT']}{path}", json=words)
    assert answer.status_code == 200, answer.text


def tracked(workspace: Workspace, creator: Creator) -> str:
    answer = workspace.http.post("/accounts/track", json={"handle": creator.username, "platform": creator.platform})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["tracking"]["account_id"])


def is_live(workspace: Workspace, account_id: str) -> bool:
    return bool(workspace.get(f"/accounts/{account_id}/tracking")["state"] == "live")


def test_an_account_of_each_platform_is_tracked_and_read_by_itself(stack: Whyral, workspace: Workspace) -> None:
    wanted = {platform: creators(stack, platform)[0] for platform in ("tiktok", "youtube", "instagram", "x")}

    accounts = {platform: tracked(workspace, creator) for platform, creator in wanted.items()}

    for platform, account_id in accounts.items():
        until(partial(is_live, workspace, account_id), f"the first read on {platform}")
    posts = workspace.get("/videos?limit=100")["items"]
    assert {each["platform"] for each in posts} == set(wanted)
    assert {each["account_name"] for each in posts} <= {creator.username for creator in wanted.values()}


def test_a_consent_ends_in_an_owners_figures(stack: Whyral, workspace: Workspace) -> None:
    owner = creators(stack, "youtube")[1]
    channel = workspace.http.post("/channels", json={"name": "Ours", "niche": "tests"}).json()["channel_id"]
    page = workspace.http.post(f"/channels/{channel}/connect", json={}).json()["consent_url"]

    allowed = workspace.http.post(page, data={"decision": "allow_all", "channel": owner.native_id}, headers={"Authorization": ""})
    back = workspace.http.get(allowed.headers["location"])

    assert back.status_code in {200, 303}, back.text
    connection = workspace.get(f"/channels/{channel}/connection")
    assert connection["status"] == "live"
    assert workspace.ended(connection["onboarding"])["state"] == "succeeded"
    assert workspace.get(f"/channels/{channel}/traffic/sources")["available"] is True
    assert workspace.get(f"/channels/{channel}/revenue")["available"] is False
    assert workspace.get(f"/channels/{channel}/videos/recent")["items"]


def test_a_push_makes_an_account_due_before_its_time(stack: Whyral, workspace: Workspace) -> None:
    path = f"/accounts/{tracked(workspace, creators(stack, 'youtube')[2])}/tracking"
    until(lambda: workspace.get(path)["is_pushed"], "a feed of new posts")
    planned = workspace.get(path)["next_run_at"]

    control(stack, "/_google/push", edited=True)

    until(lambda: workspace.get(path)["next_run_at"] < planned, "an earlier read because of the push")
