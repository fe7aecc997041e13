"""The pages of the API itself: the OpenAPI document and a reader that we serve, no foreign host involved."""

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

from litestar import Controller, MediaType, Request, Response, Router, get
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Server, Tag
from markdown_it import MarkdownIt

from api.problems import codes_page

STATIC = Path(__file__).parent / "static"
_DOCS = Path(__file__).parents[1] / "docs"
METHOD = (_DOCS / "method.md", _DOCS / "reference" / "analytics.md")
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>body {{ font: 16px/1.6 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #222 }}
table {{ border-collapse: collapse }} td, th {{ border: 1px solid #ccc; padding: .3rem .6rem; text-align: left }}
code, pre {{ background: #f5f5f5 }} pre {{ padding: .8rem; overflow-x: auto }}</style></head>
<body>{body}</body></html>
"""

TAGS = {
    "health": "Is it up, and what is not well.",
    "identity": "Registering, logging in, sessions, passwords, workspaces, API keys.",
    "members": "Who is in a workspace, as what, and how they come in.",
    "admin": "The whole platform, for its administrators alone.",
    "channels": "Your own channels, what Google lets us read of them, and handing them over.",
    "imports": "Files that come in, and what became of their rows.",
    "clips": "Videos of your own that come in, and the clips made of them.",
    "catalogue": "Videos, accounts and their history.",
    "collections": "Groups of videos and accounts, and what was done with videos.",
    "scraping": "Links to add, searches on the platforms, and what trends there.",
    "tracking": "Accounts that are followed, who reads them, and what is pushed to us.",
    "analytics": "Figures over the library; every one with n, as_of and method.",
    "owner data": "What only the owner of a channel is told, syncs of it, and YouTube read live.",
    "insights": "Scores and effects, with intervals, or an honest no.",
    "experiments": "Randomised tests: planned before they start, read without peeking.",
    "planning": "What next: patterns, plans, drafts, scoring models, predictions; each carried by stored figures.",
    "money": "Plans, paying for them, what was used of them, and what paid calls cost.",
    "rights": "Taking all of a workspace along, having it erased, leaving it.",
    "requests": "Work that Dagster does, followed live.",
}

# Everything the page needs comes from here; whatever the reader's script would fetch elsewhere, the browser refuses.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)
READER = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Whyral API</title></head>
<body>
<noscript>This page needs JavaScript. The document itself is at <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>.</noscript>
<script id="api-reference" data-url="/api/v1/openapi.json"
 data-configuration='{"withDefaultFonts": false, "telemetry": false, "hideClientButton": true, "agent": {"disabled": true},
 "mcp": {"disabled": true}, "showDeveloperTools": "never"}'></script>
<script src="/static/scalar.js"></script>
</body>
</html>
"""


class Reader(OpenAPIRenderPlugin):
    """The page that shows the document. Litestar's own would fetch a style sheet and an icon from a foreign host."""

    def __init__(self) -> None:
        super().__init__(path="/")

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002 - the plugin's shape
        return READER.encode()


class DocsRouter(Router):
    """Leaves out Litestar's HTML page for unknown paths: here as everywhere a 404 is a problem."""

    def register(self, value: Any) -> list[Any]:
        name = getattr(getattr(value, "fn", None), "__name__", "")
        return [] if name == "handle_schema_path_not_found" else super().register(value)


class MethodPage(Controller):
    """Where the `method.url` of every figure leads: docs/method.md and docs/reference/analytics.md, as one page."""

    path = "/docs/method"
    include_in_schema = False

    @get("/", sync_to_thread=True, media_type=MediaType.HTML)
    def explain(self) -> Response[str]:
        """How every figure is made, and what is refused."""
        both = "\n\n".join(path.read_text(encoding="utf-8") for path in METHOD)
        return Response(_as_page(both, title="How Whyral computes"), media_type=MediaType.HTML)


def _as_page(markdown: str, *, title: str) -> str:
    """A Markdown document as a page whose headings can be linked to, under the names that Git hosts give them."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens, taken = reader.parse(markdown), Counter[str]()
    for token, text in pairwise(tokens):
        if token.type == "heading_open":
            name = re.sub(r"[^\w -]", "", text.content.lower()).replace(" ", "-")
            token.attrSet("id", f"{name}-{taken[name]}" if taken[name] else name)
            taken[name] += 1
    body = reader.renderer.render(tokens, reader.options, {})
    return PAGE.format(title=title, body=body)


class ErrorPages(Controller):
    """Where the `type` of a problem leads."""

    path = "/docs/errors"
    include_in_schema = False

    @get("/", sync_to_thread=False, media_type=MediaType.HTML)
    def explain(self) -> Response[str]:
        """Every code, and what to do."""
        return Response(codes_page(), media_type=MediaType.HTML)


def openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Whyral",
        version="1.0.0",
        description="Why a social video worked: scores and effects with intervals, or an honest no. Ignore keys that you do not recognise.",
        path="/docs",
        openapi_router=DocsRouter("/docs", route_handlers=[], include_in_schema=False),
        servers=[Server(url="/")],
        tags=[Tag(name=name, description=text) for name, text in TAGS.items()],
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(
                    type="http", scheme="bearer", description="an access token of /auth/login, or an API key (whyral_...)"
                )
            }
        ),
        render_plugins=[JsonRenderPlugin(path="/openapi.json"), Reader()],
        use_handler_docstrings=True,
    )
