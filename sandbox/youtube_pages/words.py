"""How YouTube's pages write texts, counts, pages of lists and themselves. What stands in them is in the modules beside this one."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.serving import Answered

Words = dict[str, Any]
VERSION = "2.20261120.01.00"
_CONTEXT = {"client": {"clientName": "WEB", "clientVersion": VERSION, "hl": "en", "gl": "US", "visitorData": "CgtzYW5kYm94"}}


def simple(text: str) -> Words:
    return {"simpleText": text}


def runs(text: str, **more: object) -> Words:
    return {"runs": [{"text": text, **more}]}


def views(count: int) -> Words:
    return simple(f"{count:,} views" if count else "No views")


def pictures(*sources: str) -> Words:
    return {"thumbnails": [{"url": source, "width": 320, "height": 180} for source in sources]}


def page(data: Mapping[str, Any], *, title: str, player: Mapping[str, Any] | None = None) -> Answered:
    """A page with its data in scripts."""
    config = {"INNERTUBE_CLIENT_VERSION": VERSION, "INNERTUBE_CONTEXT": _CONTEXT, "VISITOR_DATA": "CgtzYW5kYm94", "LOGGED_IN": False}
    scripts = [f"ytcfg.set({_script(config)});", f"var ytInitialData = {_script(data)};"]
    if player is not None:
        scripts.append(f"var ytInitialPlayerResponse = {_script(player)};")
    body = "".join(f"<script>{script}</script>" for script in scripts)
    return Answered.of_html(
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title} - YouTube</title></head><body>{body}</body></html>"
    )


def _script(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("</", "<\\/")


def token(*words: object) -> str:
    """A continuation: what the next page is of, and where it begins."""
    return base64.urlsafe_b64encode(json.dumps(words).encode()).decode()


def untoken(written: object) -> list[Any]:
    """Empty where it is none of ours."""
    try:
        found = json.loads(base64.urlsafe_b64decode(str(written).encode()))
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def continued(*words: object) -> Words:
    """The item at the end of a list that has more."""
    return {"continuationItemRenderer": {"continuationEndpoint": {"continuationCommand": {"token": token(*words)}}}}


def paged(items: Sequence[Words], first: int, size: int, *words: object) -> list[Words]:
    """The items of one page, with what leads to the next. `words` name the list."""
    more = [continued(*words, first + size)] if first + size < len(items) else []
    return [*items[first : first + size], *more]
