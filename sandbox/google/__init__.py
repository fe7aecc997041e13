"""Google, impersonated: OAuth 2.0, YouTube Data v3, YouTube Analytics v2 and the WebSub hub, over the sandbox's world.

`Google(world, clock).services` goes to a Desk. What can be told from outside is below `/_google/` and in `grants`, `project` and `hub`.
"""

from sandbox.addresses import API_KEY, CLIENT_ID, CLIENT_SECRET
from sandbox.google.analytics import Analytics
from sandbox.google.data import YouTubeData
from sandbox.google.door import Door
from sandbox.google.grants import Grants
from sandbox.google.hub import Hub
from sandbox.google.oauth import OAuth
from sandbox.google.project import Project
from sandbox.serving import Service
from sandbox.world import Clock, World

__all__ = ["API_KEY", "CLIENT_ID", "CLIENT_SECRET", "Google", "Project"]


class Google:
    """One project with its client and key; every YouTube channel of the world is somebody who may consent."""

    def __init__(self, world: World, clock: Clock, *, project: Project | None = None, inline_replies: int = 5) -> None:
        self.project, self.grants, self.hub = project or Project(), Grants(clock), Hub(world, clock)
        self.oauth = OAuth(world, clock, self.project, self.grants)
        self.services: tuple[Service, ...] = (
            self.oauth,
            YouTubeData(world, clock, self.project, self.grants, inline_replies=inline_replies),
            Analytics(world, clock, self.grants),
            self.hub,
            Door(clock, self.project, self.grants, self.hub),
        )
