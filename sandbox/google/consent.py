"""The consent page: which channel, which scopes, Allow or Deny. Everything that came with the address is shown as text, never as markup."""

from collections.abc import Sequence
from html import escape

from sandbox.world import Creator

SCOPES = {
    "openid": "Know who you are",
    "email": "See your e-mail address",
    "profile": "See your name and picture",
    "https://www.googleapis.com/auth/youtube.readonly": "See your YouTube account",
    "https://www.googleapis.com/auth/yt-analytics.readonly": "See YouTube Analytics reports of your content",
    "https://www.googleapis.com/auth/yt-analytics-monetary.readonly": "See monetary YouTube Analytics reports of your content",
    "https://www.googleapis.com/auth/youtube.upload": "Manage your YouTube videos",
    "https://www.googleapis.com/auth/youtube.force-ssl": "See, edit and delete your YouTube videos and captions",
    "https://www.googleapis.com/auth/youtube": "Manage your YouTube account",
}
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sandbox: choose what to share</title>
<style>body{{font:16px/1.5 sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem}}
fieldset{{border:1px solid #ccc;border-radius:8px;margin:1rem 0}}label{{display:block;padding:.2rem 0}}
button{{font:inherit;padding:.5rem 1.5rem;margin-right:.5rem}}</style></head>
<body><h1>{client} wants access</h1>
<p>This is the sandbox's stand-in for Google's consent page. The channels are synthetic.</p>
<form method="post">
<fieldset><legend>Channel</legend>{channels}</fieldset>
<fieldset><legend>It may</legend>{scopes}</fieldset>
<button name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button>
</form></body></html>"""


def page(client: str, creators: Sequence[Creator], scopes: Sequence[str], hint: str | None) -> str:
    """The first channel is chosen, or the one that the hint names by its id, handle or address."""
    chosen = next((each for each in creators if hint and hint.split("@")[0].casefold() in (each.native_id.casefold(), each.username)), None)
    return _PAGE.format(
        client=escape(client),
        channels="".join(_channel(each, each == (chosen or creators[0])) for each in creators),
        scopes="".join(
            f'<label><input type="checkbox" name="scope" value="{escape(each)}" checked> {escape(SCOPES.get(each, each))}</label>'
            for each in scopes
        ),
    )


def trouble(what: str) -> str:
    """Google shows these itself and sends nobody back to an address that it does not trust."""
    return f"<!doctype html><html><head><title>Error 400</title></head><body><h1>Error 400: {escape(what)}</h1></body></html>"


def _channel(creator: Creator, is_chosen: bool) -> str:
    mark = " checked" if is_chosen else ""
    words = f"{escape(creator.title)} (@{escape(creator.username)})"
    return f'<label><input type="radio" name="channel" value="{escape(creator.native_id)}"{mark}> {words}</label>'
