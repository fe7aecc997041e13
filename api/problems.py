"""What callers are told about problems: the page of all codes, and which problems each operation may answer, in the OpenAPI document.

How errors become problems is in `api.errors`. `docs/reference/errors.md` says the same at more length.
"""

from html import escape
from typing import Any, cast

import msgspec
from litestar.openapi.spec import OpenAPI, OpenAPIHeader, OpenAPIMediaType, OpenAPIResponse, Operation, Reference, Schema

from api.errors import MEDIA_TYPE, TITLES, Problem
from domain.limits import is_free

CODES: dict[str, tuple[int, str]] = {
    "malformed": (400, "Mend the call: `errors` names each field or parameter and what was expected."),
    "unauthenticated": (401, "Send a good credential: log in again, or use another key."),
    "payment_needed": (402, "Choose a plan, or pay the open invoice."),
    "refused": (403, "Ask somebody with the role or plan for it, or use a key with the scope that is named."),
    "csrf_failed": (
        403,
        "A call by cookie that changes something: send the header `X-CSRF-Token`, from the site that the API is served for.",
    ),
    "suspended": (403, "The workspace is suspended: ask whoever runs this deployment."),
    "second_factor_needed": (403, "Log in with a second factor, and repeat the call."),
    "not_in_plan": (403, "`upgrade` names the next plan that includes it."),
    "not_found": (404, "Check the id and the path. What belongs to another workspace is not there either."),
    "method_not_allowed": (405, "Use a method that the header `Allow` names."),
    "too_slow": (408, "Send the whole body without long pauses."),
    "conflict": (409, "Read the current state first; a call still in flight may be repeated in a moment."),
    "already_subscribed": (409, "Change the plan that the workspace has: `POST /api/v1/billing/upgrade`."),
    "claim_lost": (409, "Another attempt owns the work: nothing to do."),
    "gone": (410, "It was removed on purpose and does not come back."),
    "too_large": (413, "Send less at once."),
    "url_too_long": (414, "Shorten the address: ask for less in one call."),
    "unsupported_media_type": (415, "Send the media type that the operation names, most often application/json."),
    "range_not_satisfiable": (416, "Ask for a range inside the file; `Content-Range` says how long it is."),
    "unknown_host": (421, "Call the host that this API is served at."),
    "unacceptable": (422, "The call is well-formed but cannot be accepted: `errors` says per field what to do."),
    "limit_reached": (
        429,
        "Wait until `resets_at` (or the seconds of `Retry-After`), or choose the plan that `upgrade` names.",
    ),
    "rate_limited": (429, "Wait for the seconds of `Retry-After`; `reason` names the limit, `RateLimit-Policy` all of them."),
    "headers_too_large": (431, "Send fewer or shorter headers, cookies among them."),
    "bug": (500, "Our fault. Tell us the `request_id`."),
    "source_refused": (502, "A system we depend on refused; repeating changes nothing."),
    "resource_limit": (502, "The work takes more than one piece of work may; repeating changes nothing. Ask for less of it."),
    "source_unavailable": (503, "Repeat after the seconds of `Retry-After`."),
}
_WAITS = {429, 503}
_WRITES = {"post", "put", "patch", "delete"}
# What cannot be told from an operation's shape.
_ALSO = {
    ("post", "/api/v1/billing/webhooks/stripe"): (401, 404, 413, 422),
    ("post", "/api/v1/billing/webhooks/dodo"): (401, 404, 413, 422),
    **{
        ("post", f"/api/v1/billing/{path}"): (402, 502)
        for path in (
            "checkout",
            "portal",
            "upgrade",
            "cancel",
            "resume",
            "subscription/refresh",
        )
    },
    ("get", "/api/v1/billing/upgrade/preview"): (402, 409, 502),
    ("post", "/api/v1/admin/tenants/{workspace_id}/refunds"): (502,),
    ("post", "/api/v1/imports"): (413, 415),
    ("post", "/api/v1/media"): (413, 415),
    ("post", "/api/v1/auth/login"): (403,),
    ("get", "/api/v1/me/data-export"): (403,),
    ("get", "/api/v1/me/data-export/{export_id}"): (403,),
    ("get", "/api/v1/me/data-export/{export_id}/link"): (403, 410),
    ("get", "/api/v1/me/deletion"): (404,),
    ("delete", "/api/v1/me/deletion"): (404,),
    ("get", "/api/v1/auth/google/callback"): (403, 409, 410, 502, 503),
    ("post", "/api/v1/channels/{channel_id}/connect"): (502,),
    ("get", "/api/v1/auth/google/login"): (429, 502, 503),
    ("post", "/api/v1/auth/google/login"): (502,),
    ("post", "/api/v1/auth/oidc"): (401, 403, 502),
    ("post", "/api/v1/auth/second-factor"): (401, 403, 502),
    ("post", "/api/v1/me/second-factor"): (502,),
    ("post", "/api/v1/me/second-factor/confirm"): (502,),
    ("post", "/api/v1/me/second-factor/recovery-codes"): (502,),
    ("post", "/api/v1/me/second-factor/disable"): (502,),
    ("post", "/api/v1/me/identities/google"): (502,),
    ("post", "/api/v1/me/identities/oidc"): (502,),
    ("get", "/api/v1/me/second-factor"): (403,),
    ("get", "/api/v1/me/identities"): (403,),
    ("get", "/api/v1/media/{media_id}/file"): (410, 416),
    ("get", "/api/v1/media/{media_id}/link"): (410,),
    ("put", "/api/v1/media/{media_id}/script"): (410,),
    ("get", "/api/v1/clips/{clip_id}/file"): (409, 410, 416),
    ("get", "/api/v1/clips/{clip_id}/link"): (409, 410),
    ("get", "/api/v1/clips/{clip_id}/thumbnail"): (410, 416),
    ("get", "/api/v1/clips/{clip_id}/checks/{name}/picture"): (410, 429, 502),
    ("get", "/api/v1/clips/candidates/{candidate_id}/pieces"): (410,),
    ("get", "/api/v1/clips/candidates/{candidate_id}/picture"): (410, 429, 502),
    ("get", "/api/v1/clips/candidates/{candidate_id}/preview"): (410, 429, 502),
    ("post", "/api/v1/clips"): (404, 410),
    ("post", "/api/v1/clips/suggest"): (404, 410),
    ("post", "/api/v1/clips/jobs"): (404, 410),
    ("get", "/api/v1/files/{token}"): (416, 503),
    ("get", "/api/v1/youtube/videos"): (409, 429, 502),
    ("get", "/api/v1/youtube/search"): (429, 502),
    ("get", "/api/v1/youtube/videos/{video_id}"): (422, 429, 502),
    ("get", "/api/v1/youtube/videos/{video_id}/ownership"): (422, 429, 502),
    ("post", "/api/v1/accounts/track"): (502,),
    ("post", "/api/v1/scrape/urls"): (502,),
    ("post", "/api/v1/search/hashtag"): (502,),
    ("post", "/api/v1/search/term"): (502,),
    ("post", "/api/v1/videos/{video_id}/comments/refresh"): (502,),
    ("get", "/api/v1/trending/videos"): (403, 429, 502),
    ("get", "/api/v1/invitations"): (403,),
    ("post", "/api/v1/invitations/accept"): (404,),
    ("post", "/api/v1/invitations/register"): (404,),
    ("post", "/api/v1/tenants/current/transfer"): (404,),
    ("post", "/api/v1/auth/switch"): (404,),
    ("get", "/api/v1/insights/releases/{release_id}/replay"): (410, 429),
    ("post", "/api/v1/insights/experiments/imports"): (413, 415),
    ("post", "/api/v1/insights/experiments/{experiment_id}/counts/file"): (413, 415, 422),
    ("get", "/api/v1/insights/experiments/{experiment_id}/schedule"): (409,),
    ("get", "/api/v1/insights/experiments/{experiment_id}/readings"): (409,),
    ("post", "/api/v1/insights/releases/{release_id}/replay"): (410, 429),
}


def codes_page() -> str:
    """One heading per code, so that a problem's `type` leads to it."""
    parts = [f'<h2 id="{code}">{code}</h2><p>{status}: {escape(advice)}</p>' for code, (status, advice) in CODES.items()]
    head = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Whyral: problems</title></head>'
    return f"{head}<body><h1>Problems by code</h1>{''.join(parts)}</body></html>"


def document_problems(document: OpenAPI) -> None:
    """Add to every operation the problems that it may answer."""
    components = document.components
    shapes = msgspec.json.schema_components([Problem], ref_template="#/components/schemas/{name}")[1]
    components.schemas = {**(components.schemas or {}), **cast(dict[str, Schema], shapes)}
    components.responses = {**(components.responses or {}), **{f"Problem{status}": _response(status) for status in TITLES}}
    for path, item in (document.paths or {}).items():
        for method in ("get", *sorted(_WRITES)):
            operation: Operation | None = getattr(item, method)
            if operation is not None:
                if "204" in (operation.responses or {}):  # an answer of cookies alone is declared as one with a body
                    cast(OpenAPIResponse, (operation.responses or {})["204"]).content = None
                known = {status: _reference(int(status)) for status in map(str, problems_of(path, method, operation))}
                operation.responses = {**(operation.responses or {}), **known}


def problems_of(path: str, method: str, operation: Operation) -> list[int]:
    """Which statuses an operation may answer, by what it takes and who may call it."""
    is_protected, has_body = bool(operation.security and any(operation.security)), operation.request_body is not None
    # An id in the query or the body may be of nothing that is there, too.
    is_named = any(getattr(each, "name", "").endswith("_id") for each in operation.parameters or ()) or (has_body and is_protected)
    has_words = has_body or any(getattr(each, "param_in", "") != "path" for each in operation.parameters or ())
    asked = {
        400: bool(operation.parameters or operation.request_body),
        401: is_protected or path.endswith(("/login", "/refresh")),
        403: is_protected,  # a suspended workspace is closed to every call
        404: "{" in path or is_named,
        408: has_body,
        409: method in _WRITES and not path.endswith(("/login", "/refresh", "/logout", "/verify-email", "/password-reset")),
        413: has_body,
        415: has_body,
        422: has_words,
        # Before any route is asked: these may come to every call, and counting to all but health's.
        **dict.fromkeys((414, 421, 431), True),
        429: not is_free(path),
        503: is_protected or method in _WRITES or not is_free(path),
    }
    return sorted({*(status for status, may in asked.items() if may), *_ALSO.get((method, path), ())})


def _reference(status: int) -> Any:
    # Operations may refer to shared responses (OpenAPI 3.1, 4.8.16), which Litestar's types do not know.
    return Reference(ref=f"#/components/responses/Problem{status}")


def _response(status: int) -> OpenAPIResponse:
    waits = {"Retry-After": OpenAPIHeader(schema=cast(Any, {"type": "integer"}), description="seconds to wait")}
    return OpenAPIResponse(
        description=TITLES[status],
        headers=cast(Any, waits) if status in _WAITS else None,
        content={MEDIA_TYPE: OpenAPIMediaType(schema=Reference(ref="#/components/schemas/Problem"))},
    )
