"""The WebSub hub of YouTube's feeds: verifies who subscribes, and pushes signed feeds once the world's clock has passed a post."""

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.addresses import is_local
from sandbox.google.feeds import feed
from sandbox.serving import Answered, Asked
from sandbox.world import Clock, Post, State, World

TOPIC = "https://www.youtube.com/xml/feeds/videos.xml?channel_id="
LEASE_SECONDS = 432_000
PATIENCE_SECONDS = 5.0


@dataclass
class Subscription:
    """Who wants a channel's feed, until when, and which posts it was told about in which state."""

    channel_id: str
    callback: str
    secret: str | None
    since: datetime
    until: datetime
    told: dict[str, State] = field(default_factory=dict)


class Hub:
    """`push_due` sends what is due; `settle` waits until nobody is being verified."""

    hosts = ("pubsubhubbub.appspot.com",)
    paths = ("/subscribe",)

    def __init__(self, world: World, clock: Clock) -> None:
        self._world, self._clock = world, clock
        self.subscriptions: dict[tuple[str, str], Subscription] = {}
        self._verifying: list[threading.Thread] = []

    def answer(self, asked: Asked) -> Answered | None:
        """202 at once: the intent is verified afterwards, as the real hub does."""
        if asked.path != "/subscribe" or asked.method != "POST":
            return None
        form = asked.form()
        channel_id = form.get("hub.topic", "").removeprefix(TOPIC)
        mode, callback = form.get("hub.mode"), form.get("hub.callback", "")
        is_said = form.get("hub.topic", "").startswith(TOPIC) and form.get("hub.lease_seconds", "1").isdigit()
        if mode not in ("subscribe", "unsubscribe") or not is_said:
            return Answered(400, b"hub.mode, hub.topic or hub.lease_seconds is invalid", {"Content-Type": "text/plain"})
        if self._world.creator("youtube", channel_id) is None or not is_local(callback):
            return Answered(422, b"hub.topic or hub.callback cannot be used", {"Content-Type": "text/plain"})
        thread = threading.Thread(target=self._verify, args=(mode, channel_id, callback, form), daemon=True)
        self._verifying = [each for each in self._verifying if each.is_alive()] + [thread]
        thread.start()
        return Answered(202)

    def settle(self) -> None:
        for thread in self._verifying:
            thread.join(timeout=PATIENCE_SECONDS)

    def push_due(self, *, again: bool = False) -> int:
        """How many feeds were taken. What was refused is tried with the next call; `again` repeats what was taken already."""
        now = self._clock.now()
        self.subscriptions = {key: each for key, each in self.subscriptions.items() if now < each.until}
        return sum(self._push(each, now, again=again) for each in list(self.subscriptions.values()))

    def push_edited(self) -> int:
        """As if every subscribed channel had edited its newest post just now; the real hub tells of new titles, too."""
        now = self._clock.now()
        return sum(self._tell(each, self._newest(each, now), now, edited_at=now) for each in list(self.subscriptions.values()))

    def _newest(self, to: Subscription, now: datetime) -> list[tuple[Post, State]]:
        creator = self._world.creator("youtube", to.channel_id)
        return [(post, State.PUBLIC) for post in self._world.posts(creator, at=now)[:1]] if creator else []

    def _verify(self, mode: str, channel_id: str, callback: str, form: dict[str, str]) -> None:
        lease = int(form.get("hub.lease_seconds") or LEASE_SECONDS)
        challenge = secrets.token_urlsafe(24)
        words = {"hub.mode": mode, "hub.topic": TOPIC + channel_id, "hub.challenge": challenge, "hub.lease_seconds": str(lease)}
        if self._send("GET", callback, params=words) != (200, challenge.encode()):
            return
        if mode == "unsubscribe":
            self.subscriptions.pop((channel_id, callback), None)
            return
        now, earlier = self._clock.now(), self.subscriptions.get((channel_id, callback))
        self.subscriptions[channel_id, callback] = Subscription(
            channel_id, callback, form.get("hub.secret") or None, earlier.since if earlier else now, now + timedelta(seconds=lease),
            earlier.told if earlier else {},
        )  # fmt: skip

    def _push(self, to: Subscription, now: datetime, *, again: bool) -> bool:
        due = self._due(to, now, again=again)
        is_taken = self._tell(to, due, now)
        if is_taken:
            to.told |= {post.native_id: state for post, state in due}
        return is_taken

    def _tell(self, to: Subscription, due: list[tuple[Post, State]], now: datetime, *, edited_at: datetime | None = None) -> bool:
        """Whether the subscriber took it."""
        creator = self._world.creator("youtube", to.channel_id)
        if not due or creator is None:
            return False
        body = feed(creator, due, now, edited_at=edited_at)
        headers = {
            "Content-Type": "application/atom+xml",
            "Link": f"<{TOPIC}{to.channel_id}>; rel=self, <http://pubsubhubbub.appspot.com/>; rel=hub",
        }
        if to.secret:
            headers["X-Hub-Signature"] = "sha1=" + hmac.new(to.secret.encode(), body, hashlib.sha1).hexdigest()
        status, _ = self._send("POST", to.callback, content=body, headers=headers)
        return 200 <= status < 300

    def _due(self, to: Subscription, now: datetime, *, again: bool) -> list[tuple[Post, State]]:
        """Posts that became public since, and those taken down after they were told; a private one is told of when it is public."""
        creator = self._world.creator("youtube", to.channel_id)
        due = []
        for post in self._world.history(creator) if creator else ():
            state, was = self._world.state(post, at=now), self._world.state(post, at=to.since)
            is_new = state is State.PUBLIC and was is not State.PUBLIC
            is_gone = state is State.DELETED and State.PUBLIC in (was, to.told.get(post.native_id))
            if (is_new or is_gone) and (again or to.told.get(post.native_id) is not state):
                due.append((post, state))
        return due

    def _send(self, method: str, url: str, **words: object) -> tuple[int, bytes]:
        """Status 0: nobody answered."""
        import httpx

        try:
            with httpx.Client(timeout=PATIENCE_SECONDS, trust_env=False) as client:
                answer = client.request(method, url, **words)  # type: ignore[arg-type]
        except httpx.HTTPError:
            return 0, b""
        return answer.status_code, answer.content
