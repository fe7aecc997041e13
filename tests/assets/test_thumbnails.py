"""Thumbnails in the graph. What a run looks at, and when again, is in `tests.services.test_thumbnails`."""

from dataclasses import replace

from domain.ports import Platforms
from tests.assets.conftest import Graph, ndjson
from tests.services.test_thumbnails import FakeThumbnails

DAYS = {"posted_at": "2026-11-01T00:00:00Z", "observed_at": "2026-11-02T00:00:00Z"}
ROWS = [
    {
        "video_external_id": f"v{number}",
        "title": f"Post {number}",
        "views": 10,
        "thumbnail_url": f"https://i.ytimg.com/vi/v{number}/0.jpg",
        **DAYS,
    }
    for number in (1, 2)
]


def test_thumbnails_are_looked_at_before_features_are_measured(graph: Graph) -> None:
    _, request = graph.take_in(ndjson(*ROWS))

    run = replace(graph, platforms=Platforms(thumbnails=FakeThumbnails())).run("import_file", request)

    told = run.asset_materializations_for_node("core_thumbnails__videos")[0].metadata
    assert {name: told[name].value for name in ("measured", "failed", "left", "note")} == {
        "measured": 2,
        "failed": 0,
        "left": 0,
        "note": "",
    }
    with graph.database.begin(graph.tenant_id) as uow:
        assert [figures["thumbnail_faces"] for _, figures, _ in uow.features.all()] == [2.0, 2.0]
