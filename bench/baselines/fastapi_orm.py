"""The same route the usual way: FastAPI, SQLAlchemy's async ORM on asyncpg, pydantic models as the response.

The same database, role, row-level security, key check (in the transaction that reads), signed cursors, pool and fields. Relationships are
loaded by joins, and what is not shown is not loaded. Nothing else is around it: no metrics, request ids or ETags, which ours has.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, FastAPI, HTTPException, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import joinedload

from api.pages import Cursors
from bench.baselines.models import Score, Video
from bench.baselines.shapes import Page, VideoOut
from gateways.credentials import hash_key
from store.database import OPTIONS


class Sort(StrEnum):
    """What the list is sorted by."""

    VIEWS = "views"
    POSTED_AT = "posted_at"


class Order(StrEnum):
    """Which end comes first."""

    DESCENDING = "desc"
    ASCENDING = "asc"


SORTS = {Sort.VIEWS: Video.views, Sort.POSTED_AT: Video.posted_at}
BESIDE = (joinedload(Video.account, innerjoin=True), joinedload(Video.scored).joinedload(Score.release, innerjoin=True))


async def entered(request: Request) -> AsyncIterator[AsyncSession]:
    """A transaction of the tenant whose key was sent."""
    credential = request.headers.get("authorization", "").removeprefix("Bearer ")
    async with request.app.state.sessions() as session, session.begin():
        found = await session.execute(sa.text("select tenant_id from app.enter(:hash)"), {"hash": hash_key(credential)})
        tenant_id = found.scalar_one_or_none()
        if tenant_id is None:
            raise HTTPException(status_code=401, detail="the API key is not known, was revoked or has expired")
        session.info["tenant_id"] = tenant_id
        yield session


Entered = Annotated[AsyncSession, Depends(entered)]


async def list_videos(
    request: Request,
    session: Entered,
    sort: Sort = Sort.VIEWS,
    order: Order = Order.DESCENDING,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Page:
    found = (await session.scalars(listing(session.info["tenant_id"], sort, order, limit + 1))).all()
    shown, has_more = found[:limit], len(found) > limit
    cursors: Cursors = request.app.state.cursors
    scope = f"videos:{sort}:{order}"
    return Page(
        items=[VideoOut.model_validate(video) for video in shown],
        next_cursor=cursors.make((getattr(shown[-1], sort), shown[-1].video_id), scope) if has_more else None,
        has_more=has_more,
    )


def listing(tenant_id: UUID, sort: Sort, order: Order, limit: int) -> sa.Select[Video]:
    column, key = SORTS[sort], Video.video_id
    ordered = (column.desc().nulls_last(), key) if order is Order.DESCENDING else (column.asc().nulls_last(), key.desc())
    return sa.select(Video).where(Video.tenant_id == tenant_id).order_by(*ordered).limit(limit).options(*BESIDE)


def application() -> FastAPI:
    """What the server loads."""
    url = sa.make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg")
    server = dict(each.removeprefix("-c ").split("=") for each in OPTIONS.split(" -c "))
    engine = create_async_engine(
        url, pool_size=int(os.environ.get("WHYRAL_BENCH_POOL", "10")), max_overflow=5, connect_args={"server_settings": server}
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    app.state.cursors = Cursors(os.environ["WHYRAL_SECRET_KEY"])
    app.get("/api/v1/videos")(list_videos)
    return app
