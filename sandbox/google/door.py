"""What can be told to the sandbox's Google from outside: `/_google/grants`, `/_google/quota`, `/_google/push`."""

from collections.abc import Callable
from functools import partial

from sandbox.google.grants import Grants
from sandbox.google.hub import Hub
from sandbox.google.project import Project
from sandbox.serving import Answered, Asked
from sandbox.world import Clock

BASE = "/_google/"


class Door:
    """Small words in JSON; nothing here is Google's."""

    hosts: tuple[str, ...] = ()
    paths = (BASE,)

    def __init__(self, clock: Clock, project: Project, grants: Grants, hub: Hub) -> None:
        self._clock, self._project, self._grants, self._hub = clock, project, grants, hub

    def answer(self, asked: Asked) -> Answered | None:
        routes = {"grants": self._told_of_grants, "quota": self._told_of_quota, "push": self._told_to_push}
        route = routes.get(asked.path.removeprefix(BASE))
        return route(asked) if route else None

    def _told_of_grants(self, asked: Asked) -> Answered:
        """POST {channel_id, do: revoke | expire_refresh | expire_access | rotate | keep}."""
        words = asked.json()
        deeds: dict[str, Callable[[str], None]] = {
            "revoke": self._grants.end,
            "expire_refresh": self._grants.expire_refresh,
            "expire_access": self._grants.expire_access,
            "rotate": self._grants.rotate,
            "keep": partial(self._grants.rotate, on=False),
        }
        if words.get("do") not in deeds:
            return Answered.of_json({"error": f"do: choose from {', '.join(deeds)}"}, status=400)
        deeds[words["do"]](words["channel_id"])
        return Answered.of_json({"live_refresh_tokens": len(self._grants.live(words["channel_id"]))})

    def _told_of_quota(self, asked: Asked) -> Answered:
        """GET: what is used today. POST {units, search, insert, stats}: new limits."""
        if asked.method == "POST":
            self._project.limits |= {name: int(limit) for name, limit in asked.json().items() if name in self._project.limits}
        return Answered.of_json({"limits": self._project.limits, "used": self._project.used(self._clock.now())})

    def _told_to_push(self, asked: Asked) -> Answered:
        """POST {again, edited}: feeds that are due go out now, or one about the newest post of each channel as if it had been edited."""
        self._hub.settle()
        words = asked.json() or {}
        pushed = self._hub.push_edited() if words.get("edited") else self._hub.push_due(again=bool(words.get("again")))
        return Answered.of_json({"pushed": pushed, "subscriptions": len(self._hub.subscriptions)})
