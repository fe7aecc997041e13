"""Links to files that anybody may follow for a while: the store's own where it presigns, else `GET /api/v1/files/{token}` of ours."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, route
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, QueryParameter

from api.downloads import Kept, download
from api.security import PUBLIC
from domain.errors import NotFound
from domain.ports import FilePort
from store.database import Database

NO_STORE = "private, no-store"
_LONGEST_TOKEN = 4096
_FILE = ResponseSpec(bytes, media_type="video/mp4", generate_examples=False, description="The file.")
ExpiresIn = Annotated[int, QueryParameter(ge=60, le=604_800, description="seconds that the link works, to seven days")]


class LinkOut(msgspec.Struct, frozen=True, kw_only=True):
    """An address that needs no credential. Whoever has it may fetch the file until `expires_at`, or until the file is deleted."""

    url: str
    expires_at: datetime


class Promise(msgspec.Struct, frozen=True, array_like=True):
    """What a token of ours promises. The key begins with the tenant; `until` is in seconds of the epoch."""

    key: str
    file_name: str
    media_type: str
    until: int


@dataclass(frozen=True, slots=True)
class Links:
    """Makes links, and reads the tokens of our own."""

    files: FilePort
    secret_key: str = field(repr=False)
    api_url: str

    def link(self, key: str, *, seconds: int, file_name: str, media_type: str) -> Response[LinkOut]:
        """Not to be stored by whoever passes the answer on."""
        until = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)
        url = self.files.link(key, seconds=seconds, file_name=file_name, media_type=media_type)
        if url is None:
            url = f"{self.api_url}/api/v1/files/{self.token(Promise(key, file_name, media_type, int(until.timestamp())))}"
        return Response(LinkOut(url=url, expires_at=until), headers={"Cache-Control": NO_STORE})

    def to(self, kept: Kept, *, seconds: int) -> Response[LinkOut]:
        return self.link(kept.key, seconds=seconds, file_name=kept.file_name, media_type=kept.media_type)

    def token(self, promise: Promise) -> str:
        body = msgspec.json.encode(promise)
        return _encoded(self._sign(body) + body)

    def read(self, token: str, now: datetime) -> Promise:
        """Raises NotFound for a token that is not ours, was changed, or is over: which of them is not said."""
        try:
            raw = base64.urlsafe_b64decode(token[:_LONGEST_TOKEN] + "=" * (-len(token) % 4))
            if not hmac.compare_digest(raw[:32], self._sign(raw[32:])) or _encoded(raw) != token:
                raise ValueError("signature")
            promise = msgspec.json.decode(raw[32:], type=Promise)
        except (ValueError, binascii.Error, msgspec.MsgspecError):
            raise _nothing() from None
        if now.timestamp() >= promise.until:
            raise _nothing()
        return promise

    def _sign(self, body: bytes) -> bytes:
        purpose = hashlib.sha256(b"file link:" + self.secret_key.encode()).digest()
        return hmac.new(purpose, body, hashlib.sha256).digest()


class LinkedFileController(Controller):
    """Files behind links that we gave out."""

    path = "/files"
    tags = ["clips"]
    security = PUBLIC

    @get("/{token:str}", sync_to_thread=True, responses={200: _FILE})
    def get_linked_file(
        self, request: Request[Any, Any, Any], token: FromPath[str], database: NamedDependency[Database],
        files: NamedDependency[FilePort], links: NamedDependency[Links],
    ) -> Response[Any]:  # fmt: skip
        """Fetch the file behind a link, or one `Range` of it. 404 once the link is over, its file deleted or its workspace suspended."""
        return _linked(request, database, files, links.read(token, datetime.now(UTC)))

    # Whoever is to fetch a file from an address often looks at it first.
    @route("/{token:str}", http_method="HEAD", sync_to_thread=True, status_code=200, include_in_schema=False)
    def look_at_linked_file(
        self, request: Request[Any, Any, Any], token: FromPath[str], database: NamedDependency[Database],
        files: NamedDependency[FilePort], links: NamedDependency[Links],
    ) -> Response[Any]:  # fmt: skip
        """The same without the bytes."""
        return _linked(request, database, files, links.read(token, datetime.now(UTC)))


def _linked(request: Request[Any, Any, Any], database: Database, files: FilePort, promise: Promise) -> Response[Any]:
    """A link goes with its workspace: none works while that is suspended or being erased. Raises NotFound."""
    with database.begin(UUID(promise.key.partition("/")[0])) as uow:
        if not uow.overrides.is_open():
            raise _nothing()
    name, kind = promise.file_name, promise.media_type
    try:
        return download(request, files, promise.key, media_type=kind, file_name=name, disposition="inline", cache=NO_STORE)
    except NotFound:
        raise _nothing() from None


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _nothing() -> NotFound:
    return NotFound("file", "of this link")
