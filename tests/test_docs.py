"""The reference is complete: every setting, route, asset and error code has its line, and no line is made up."""

import re
from pathlib import Path

import pytest
from dagster import AssetSpec
from litestar import Litestar

import definitions
from api.app import create_app
from api.errors import STATUS
from api.problems import CODES
from domain import errors
from settings import Settings
from store.database import Database
from tests.api.conftest import FakeDagster, make_parts
from tests.conftest import TestUrls

DOCS = Path(__file__).parent.parent / "docs"
REFERENCE = DOCS / "reference"
METHODS = ("get", "post", "put", "patch", "delete")


def lines(page: str) -> list[str]:
    return (REFERENCE / page).read_text(encoding="utf-8").splitlines()


def entries(page: str) -> dict[str, str]:
    """The page's table: what stands in the first column, by name, and the rest of the line."""
    found = (re.fullmatch(r"\| `([^`]+)` \| (.*\S) \|", line) for line in lines(page))
    return {each[1]: each[2] for each in found if each}


@pytest.fixture(scope="module")
def routes(database: Database, urls: TestUrls, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    from gateways.files.store import LocalFiles

    app: Litestar = create_app(make_parts(database, urls.app, FakeDagster(), LocalFiles(tmp_path_factory.mktemp("docs"))))
    paths = app.openapi_schema.paths or {}
    return {f"{method.upper()} {path}" for path, item in paths.items() for method in METHODS if getattr(item, method) is not None}


def specs() -> list[AssetSpec]:
    return list(definitions.defs.resolve_all_asset_specs())


def test_every_setting_has_a_line_and_every_line_is_a_setting() -> None:
    names = {str(field.validation_alias or f"WHYRAL_{name.upper()}") for name, field in Settings.model_fields.items()}

    assert names ^ set(entries("settings.md")) == set()


def test_a_settings_line_says_its_default() -> None:
    told = entries("settings.md")
    fields = {str(field.validation_alias or f"WHYRAL_{name.upper()}"): field for name, field in Settings.model_fields.items()}

    wrong = {name: told[name] for name, field in fields.items() if field.default is not None and f"`{field.default}`" not in told[name]}
    assert wrong == {}


def test_every_route_has_a_line_and_every_line_is_a_route(routes: set[str]) -> None:
    told = set(entries("routes.md"))

    assert (sorted(routes - told), sorted(told - routes)) == ([], [])


def test_every_asset_has_a_line_and_every_line_is_an_asset() -> None:
    told, made = set(entries("assets.md")), {spec.key.to_user_string() for spec in specs()}

    assert (sorted(made - told), sorted(told - made)) == ([], [])


def test_an_assets_line_says_what_one_row_is() -> None:
    told = entries("assets.md")

    assert {name for name, words in told.items() if "one row per" not in words.lower()} == set()


def test_the_data_teams_guide_names_every_group_job_schedule_sensor_and_check() -> None:
    page = (DOCS / "guides" / "data-team.md").read_text(encoding="utf-8")
    repository = definitions.defs.get_repository_def()
    named = {spec.group_name or "" for spec in specs()} | {str(getattr(job, "name", "")) for job in definitions.JOBS}
    named |= {each.name for each in repository.schedule_defs} | {each.name for each in repository.sensor_defs}
    named |= {key.name for key in definitions.defs.resolve_asset_graph().asset_check_keys}

    assert sorted(name for name in named if f"`{name}`" not in page) == []


def test_every_error_code_has_a_heading_with_its_status() -> None:
    page = lines("errors.md")
    headed = {line.removeprefix("## "): page[number + 1] for number, line in enumerate(page) if line.startswith("## ")}

    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.WhyralError)]
    codes = {kind.code for kind in kinds if any(issubclass(kind, each) for each in STATUS)}
    assert codes <= set(CODES)
    assert set(CODES) ^ set(headed) == set()
    assert {code: words for code, words in headed.items() if not words.startswith(f"{CODES[code][0]}. ")} == {}


def pages() -> list[Path]:
    return sorted(DOCS.rglob("*.md"))


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(DOCS)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))]

    assert [link for link in links if link and "://" not in link and not (page.parent / link).exists()] == []


def anchors(page: Path) -> set[str]:
    """What headings are called in links."""
    prose = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    names = [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", prose, flags=re.MULTILINE)]
    return {f"{name}-{before}" if (before := names[:place].count(name)) else name for place, name in enumerate(names)}


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(DOCS)))
def test_links_to_headings_lead_to_one(page: Path) -> None:
    links = [link.partition("#") for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")) if "://" not in link]
    known = {
        name: anchors((page.parent / name).resolve() if name else page) for name, _, anchor in links if anchor and name[-3:] in ("", ".md")
    }

    assert [f"{name}#{anchor}" for name, _, anchor in links if anchor and anchor not in known.get(name, {anchor})] == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(DOCS)))
def test_a_page_has_one_title(page: Path) -> None:
    words = page.read_text(encoding="utf-8")
    prose = re.sub(r"```.*?```", "", words, flags=re.DOTALL)

    assert len(re.findall(r"^# ", prose, flags=re.MULTILINE)) == 1
