"""Asking the hub of YouTube's feeds for pushes (WebSub). What it pushes is read by `domain.websub`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from domain.errors import SourceRefused, SourceUnavailable
from domain.websub import topic_of
from gateways.youtube.transport import Wire
from gateways.youtube.troubles import retry_after

SOURCE = "websub"
HUB_URL = "https://pubsubhubbub.appspot.com/subscribe"


@dataclass(frozen=True, slots=True)
class WebSubHub:
    """The hub answers at once and verifies at the callback afterwards. `url`: another address for all of Google, such as the sandbox's."""

    wire: Wire
    url: str | None = None

    def close(self) -> None:
        self.wire.close()

    def subscribe(self, channel_id: str, *, callback: str, secret: str, lease_seconds: int) -> None:
        """Also renews. Pushes are signed with the secret."""
        self._ask("subscribe", channel_id, callback, {"hub.secret": secret, "hub.lease_seconds": str(lease_seconds)})

    def unsubscribe(self, channel_id: str, *, callback: str) -> None:
        self._ask("unsubscribe", channel_id, callback, {})

    def _ask(self, mode: str, channel_id: str, callback: str, more: Mapping[str, str]) -> None:
        words = {"hub.mode": mode, "hub.topic": topic_of(channel_id), "hub.callback": callback, "hub.verify": "async", **more}
        hub = self.url.rstrip("/") + "/subscribe" if self.url else HUB_URL
        headers = {"content-type": "application/x-www-form-urlencoded"}
        raw = self.wire.send("POST", hub, body=urlencode(words), headers=headers)
        if 200 <= raw.status < 300:
            return
        after = retry_after(raw.headers.get("retry-after"), datetime.now(UTC))
        if raw.status in (408, 429) or raw.status >= 500:
            category = "rate_limit" if raw.status == 429 else "api_error"
            raise SourceUnavailable(SOURCE, f"the hub answered {raw.status}", category=category, retry_after_seconds=after)
        raise SourceRefused(SOURCE, f"the hub refused to {mode} ({raw.status})", category="api_error")
