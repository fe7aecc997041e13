"""TikTok's pages: the start page with its signing hook, pages of users and videos with their data in a script, the embedded profile.

The hook only has to be there and to answer: what a real one computes is nobody's business here. The page asks for a few things after it has
loaded, as the real one does; TikTokApi takes its headers from the first of them.
"""

import json
from typing import Any

from sandbox.serving import Answered

COOKIE = "msToken=sandbox-{moment}; Domain=.tiktok.com; Path=/; Secure"
SIGNED = "DFSz"
_SCRIPT = """
window.byted_acrawler = {frontierSign: (url) => {
  let sum = 7;
  for (const letter of String(url)) sum = (sum * 31 + letter.codePointAt(0)) >>> 0;
  return {"X-Bogus": "%s" + sum.toString(16)};
}};
window.addEventListener("load", () => [80, 200, 400].forEach((wait) => setTimeout(() => fetch("/api/heartbeat/?at=" + wait), wait)));
"""
_PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><link rel="icon" href="data:,">
<script>{script}</script></head><body><div id="app"></div>
<script id="__UNIVERSAL_DATA_FOR_REHYDRATION__" type="application/json">{scope}</script></body></html>"""


def page(scope: dict[str, Any], *, title: str, moment: int) -> Answered:
    """A page with its data under `__DEFAULT_SCOPE__`."""
    app = {"webapp.app-context": {"language": "en", "region": "US", "appId": 1988}}
    words = json.dumps({"__DEFAULT_SCOPE__": app | scope}, ensure_ascii=False).replace("</", "<\\u002F")
    html = _PAGE.format(title=title, script=_SCRIPT % SIGNED, scope=words)
    return Answered.of_html(html, headers={"Set-Cookie": COOKIE.format(moment=moment)})


def embedded(username: str, videos: list[str]) -> Answered:
    """The embedded profile, which yt-dlp falls back to."""
    state = {"source": {"data": {f"/embed/@{username}": {"videoList": [{"id": video} for video in videos]}}}}
    return Answered.of_html(
        f'<html><body><script id="__FRONTITY_CONNECT_STATE__" type="application/json">{json.dumps(state)}</script></body></html>'
    )
