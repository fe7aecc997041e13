"""YouTube through Google's own client library: the public reader with an API key, the owner's reader with a grant.

Answers are read by `domain.platforms`; what each call costs is in `domain.quota`. Nothing heavy is imported before the first call.
"""

from gateways.youtube.owner import YouTubeOwner
from gateways.youtube.reader import YouTubeReader

__all__ = ["YouTubeOwner", "YouTubeReader"]
