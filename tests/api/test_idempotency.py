"""`Idempotency-Key`: the same call twice is done once, and answered the same."""

from collections import Counter
from uuid import uuid4

from httpx import Response
from litestar import Litestar

from tests.api.conftest import Caller, FakeDagster, assert_problem
from tests.store.crowds import at_once

ASKED = {"kind": "insights"}


def test_the_same_call_twice_is_answered_byte_for_byte_and_done_once(mine: Caller, dagster: FakeDagster) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    first = mine.post("/requests", ASKED, headers=key)

    again = mine.post("/requests", ASKED, headers=key)

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")
    assert len(dagster.launched) == 1
    assert len(mine.get("/requests").json()["items"]) == 1


def test_the_same_key_for_another_body_is_unacceptable(mine: Caller, dagster: FakeDagster) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    mine.post("/requests", ASKED, headers=key)

    for answer in (mine.post("/requests", {"kind": "refresh"}, headers=key), mine.post("/keys", {"name": "k"}, headers=key)):
        assert [each["pointer"] for each in assert_problem(answer, 422)["errors"]] == ["Idempotency-Key"]


def test_the_same_body_in_another_order_is_the_same_call(mine: Caller, dagster: FakeDagster) -> None:
    key = {"Idempotency-Key": uuid4().hex, "Content-Type": "application/json"}
    bodies = [b'{"kind": "insights", "params": {}}', b'{"params":{},"kind":"insights"}']

    answers = [mine.call("POST", "/requests", content=body, headers=key) for body in bodies]

    assert answers[0].content == answers[1].content


def test_a_refused_call_keeps_no_answer_under_its_key(mine: Caller, dagster: FakeDagster) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    assert mine.post("/requests", {"kind": "everything"}, headers=key).status_code == 422

    assert mine.post("/requests", ASKED, headers=key).status_code == 202


def test_a_key_of_one_workspace_says_nothing_to_another(mine: Caller, theirs: Caller, dagster: FakeDagster) -> None:
    key = {"Idempotency-Key": uuid4().hex}

    made = [caller.post("/requests", ASKED, headers=key).json()["request_id"] for caller in (mine, theirs)]

    assert made[0] != made[1]


def test_a_key_that_is_too_long_is_unacceptable(mine: Caller, dagster: FakeDagster) -> None:
    assert_problem(mine.post("/requests", ASKED, headers={"Idempotency-Key": "k" * 256}), 422)
    assert dagster.launched == []


# Calls that need no key: what they make is made once anyway, or they make nothing. A new one takes a key, or says why not.
SAFE_WITHOUT = {
    "/auth/login": "makes a session, as often as it is asked",
    "/billing/portal": "opens a page that is good for minutes, as often as it is asked",
    "/billing/subscription/refresh": "reads anew",
    "/admin/dead-letters/{kind}/retries": "a second call finds it under way or gone",
    "/admin/impersonations": "makes a session of its own, as often as it is asked",
    "/auth/logout": "a session ends once",
    "/auth/google/login": "begins a sign-in, as often as it is asked",
    "/auth/oidc": "a token is good once",
    "/auth/second-factor": "a code is good once",
    "/me/identities/google": "begins a consent, as often as it is asked",
    "/me/identities/oidc": "a token is good once",
    "/me/second-factor": "another secret each time, until one is confirmed: 409 afterwards",
    "/me/second-factor/confirm": "a code is good once",
    "/me/second-factor/disable": "a code is good once",
    "/me/second-factor/recovery-codes": "a code is good once",
    "/auth/password-reset": "the answer is the same; mails are bounded",
    "/auth/password-reset/confirm": "a token is good once",
    "/auth/refresh": "a token is good once, and again for ten seconds",
    "/auth/switch": "goes to the same workspace",
    "/auth/verify-email": "a token is good once",
    "/clips/candidates/{candidate_id}/preview": "keeps nothing",
    "/invitations/accept": "a code is good once",
    "/invitations/register": "a code is good once",
    "/invitations/{invitation_id}/resend": "another code each time, bounded by the day",
    "/me/deactivation": "there is nobody left to repeat it",
    "/me/password": "the old password is wrong afterwards",
    "/me/verify-email": "another mail each time, bounded",
    "/members/leave": "there is nobody left to repeat it",
    "/tenants/current/transfer": "the owner is another one afterwards",
    "/auth/register": "an address registers once",
    "/channels/{channel_id}/connect": "begins a consent, as often as it is asked",
    "/collections/{collection_id}/accounts/{account_id}": "what is in it already changes nothing",
    "/collections/{collection_id}/videos/{video_id}": "what is in it already changes nothing",
    "/insights/drafts": "keeps nothing",
    "/insights/experiments/design": "keeps nothing",
    "/insights/experiments/{experiment_id}/assignments": "the same post gets the same arm",
    "/insights/experiments/{experiment_id}/counts": "the newest count of a day is read",
    "/insights/experiments/{experiment_id}/counts/file": "the newest count of a day is read",
    "/insights/experiments/{experiment_id}/start": "begins once: 409 afterwards",
    "/insights/predictions/{prediction_id}/video": "is said once: 409 afterwards",
    "/insights/releases/{release_id}/replay": "changes nothing",
    "/insights/scoring-models/{model_id}/scores": "keeps nothing",
    "/requests/{request_id}/retry": "is accepted while it has failed: 409 afterwards",
    "/billing/webhooks/stripe": "an event is kept once",
    "/billing/webhooks/dodo": "an event is kept once",
    "/webhooks/youtube/{token}": "every entry is taken in once",
}


def test_every_call_that_makes_something_takes_a_key_or_is_safe_to_repeat_without(app: Litestar) -> None:
    posts = {path: item.post for path, item in (app.openapi_schema.paths or {}).items() if item.post is not None}
    without = {path for path, each in posts.items() if "Idempotency-Key" not in [getattr(p, "name", "") for p in each.parameters or []]}

    assert without == {f"/api/v1{path}" for path in SAFE_WITHOUT}


def test_64_calls_at_once_over_http_have_one_effect(mine: Caller, dagster: FakeDagster) -> None:
    key = {"Idempotency-Key": uuid4().hex}

    answers = [each for each in at_once(64, lambda _: mine.post("/requests", ASKED, headers=key)) if isinstance(each, Response)]

    statuses = Counter(each.status_code for each in answers)
    assert (sum(statuses.values()), set(statuses) <= {202, 409}) == (64, True)
    assert len({each.content for each in answers if each.status_code == 202}) == 1
    assert [each.headers.get("idempotency-replayed") for each in answers if each.status_code == 202].count(None) == 1
    assert len(mine.get("/requests").json()["items"]) == len(dagster.launched) == 1
    for each in answers:
        if each.status_code == 409:
            assert_problem(each, 409, "conflict")
