"""What each player leaves free of its own buttons and words. Placing captions in it is in `placing`.

Shares of a frame of 9:16 that fills the screen, as published (read in November 2026):

- Reels: Meta's Business Help Centre asks ads to keep 14 % at the top, 35 % at the bottom and 6 % at each side free; the column of
  buttons at the right is about 120 of 1,080 pixels wide (creators measure it, for example on
  blitzcutai.com/blog/best-caption-placement-short-form-video).
- TikTok: top 130, bottom 370, right 164, left 60 pixels of 1,080 x 1,920 (same page; TikTok's own templates, on
  ads.tiktok.com/help/article/tiktok-auction-in-feed-ads, vary with the length of the description).
- Shorts: the lower 25 % (title, channel, subscribe button), 120 pixels at the top and the column of buttons, about 120 pixels
  (youraithumbnailgenerator.com/guides/youtube-shorts-safe-zones-complete-guide, and the page above).

A clip of another shape is shown across the screen with bars above and below, so that less of it is covered.
"""

from collections.abc import Mapping
from types import MappingProxyType

from domain.clips.look import Player, SafeArea

_TIKTOK = SafeArea(left=0.056, top=0.068, right=0.152, bottom=0.193)
_REELS = SafeArea(left=0.060, top=0.140, right=0.120, bottom=0.350)
_SHORTS = SafeArea(left=0.045, top=0.063, right=0.120, bottom=0.250)
# Nothing is written closer to an edge, whatever covers it.
_EDGE = 0.05
_SCREEN = 16 / 9


def _union(*areas: SafeArea) -> SafeArea:
    """Clear of what each of them covers."""
    return SafeArea(
        left=max(each.left for each in areas),
        top=max(each.top for each in areas),
        right=max(each.right for each in areas),
        bottom=max(each.bottom for each in areas),
    )


SAFE_AREAS: Mapping[Player, SafeArea] = MappingProxyType(
    {
        Player.TIKTOK: _TIKTOK,
        Player.REELS: _REELS,
        Player.SHORTS: _SHORTS,
        Player.ALL: _union(_TIKTOK, _REELS, _SHORTS),
    }
)


def safe_area(player: Player, width: int, height: int) -> SafeArea:
    """The area in a frame of this size (pixels); for 9:16 the table's own."""
    table = SAFE_AREAS[player]
    screen = max(height / width, _SCREEN)
    shown = height / width / screen
    bar = (1 - shown) / 2
    return SafeArea(
        left=max(_EDGE, table.left),
        top=max(_EDGE, (table.top - bar) / shown),
        right=max(_EDGE, table.right),
        bottom=max(_EDGE, (table.bottom - bar) / shown),
    )
