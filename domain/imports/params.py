"""What the person who imports a file has to say about it. Nothing that a file leaves open is guessed here."""

from dataclasses import dataclass
from datetime import datetime

from domain.errors import FieldProblem, Unacceptable
from domain.imports.shapes import ImportFormat, TableShape
from domain.observations import Platform, Selection

TRENDING = frozenset({ImportFormat.YOUTUBE_TRENDING, ImportFormat.YOUTUBE_TRENDING_EARLY})
NEEDS_OBSERVED_AT = frozenset(
    {
        ImportFormat.YOUTUBE_STUDIO,
        ImportFormat.YOUTUBE_STUDIO_DAYS,
        ImportFormat.YOUTUBE_CHANNEL,
        ImportFormat.TIKTOK_SCRAPER,
        ImportFormat.TIKTOK_VIDEOS,
        ImportFormat.TIKTOK_HASHTAG,
        ImportFormat.TIKTOK_AUTHORS,
    }
)
ONE_ACCOUNT = frozenset({ImportFormat.YOUTUBE_STUDIO, ImportFormat.YOUTUBE_CHANNEL})
# Formats whose rows may carry the moment; it is asked for when the first rows do not.
MOMENT_COLUMN = {ImportFormat.YTDLP: "epoch", ImportFormat.WHYRAL: "observed_at"}
PLATFORM = {
    ImportFormat.YOUTUBE_TRENDING: Platform.YOUTUBE,
    ImportFormat.YOUTUBE_TRENDING_EARLY: Platform.YOUTUBE,
    ImportFormat.YOUTUBE_STUDIO: Platform.YOUTUBE,
    ImportFormat.YOUTUBE_STUDIO_DAYS: Platform.YOUTUBE,
    ImportFormat.YOUTUBE_CHANNEL: Platform.YOUTUBE,
    ImportFormat.TIKTOK_SCRAPER: Platform.TIKTOK,
    ImportFormat.TIKTOK_VIDEOS: Platform.TIKTOK,
    ImportFormat.TIKTOK_HASHTAG: Platform.TIKTOK,
    ImportFormat.TIKTOK_AUTHORS: Platform.TIKTOK,
}


@dataclass(frozen=True, slots=True)
class ImportParams:
    """Statements about a file. `is_complete`: it holds every post of its account for its window; only then is a census allowed.

    `platform` is checked against the file's, never used to override it. `year` is the year of dates that have none.
    """

    year: int | None = None
    observed_at: datetime | None = None
    selection: Selection | None = None
    platform: Platform | None = None
    account_external_id: str | None = None
    account_title: str | None = None
    is_complete: bool = False


def check(found: ImportFormat, shape: TableShape, params: ImportParams, now: datetime) -> Selection:
    """The selection of the import; raises `Unacceptable` naming every parameter at fault, before any row is read."""
    selection, wrong = choose_selection(found, shape, params)
    problems = [problem for problem in (wrong, *_year(found, params), *_observed(found, shape, params, now)) if problem]
    if found in ONE_ACCOUNT and not (params.account_external_id or params.account_title):
        problems.append(FieldProblem("account_title", "the file does not say whose videos it lists: give it or account_external_id"))
    if found is ImportFormat.YOUTUBE_STUDIO_DAYS and not params.account_external_id:
        problems.append(FieldProblem("account_external_id", "the file does not say which channel's days these are: give its id (UC...)"))
    if params.platform and found in PLATFORM and PLATFORM[found] is not params.platform:
        problems.append(FieldProblem("platform", f"the file is from {PLATFORM[found]}, not from {params.platform}"))
    if problems:
        raise Unacceptable("; ".join(f"{problem.pointer}: {problem.detail}" for problem in problems), tuple(problems))
    return selection


def choose_selection(found: ImportFormat, shape: TableShape, params: ImportParams) -> tuple[Selection, FieldProblem | None]:
    """Trending lists are selected on the outcome, whatever is declared; a census is one only when the file is declared complete."""
    declared = params.selection
    if found in TRENDING or _is_trending_feed(found, shape):
        fits = declared in (None, Selection.TRENDING) and not params.is_complete
        sentence = "a trending list is selected on its outcome: it is `trending` and never complete"
        return Selection.TRENDING, None if fits else FieldProblem("selection" if declared else "is_complete", sentence)
    if declared is Selection.CENSUS and not params.is_complete:
        return Selection.MANUAL, FieldProblem("is_complete", "a census needs the statement that the file is complete for its account")
    if params.is_complete and declared not in (None, Selection.CENSUS):
        return Selection.MANUAL, FieldProblem("selection", f"`{declared}` contradicts is_complete: a complete file is a census")
    return declared or (Selection.CENSUS if params.is_complete else Selection.MANUAL), None


def _is_trending_feed(found: ImportFormat, shape: TableShape) -> bool:
    """The scraper names its output after what it scraped; its trending feed is `trend` or `trend_<time>`."""
    name = shape.context.get("zip", "")
    return found is ImportFormat.TIKTOK_SCRAPER and (name == "trend" or name.startswith("trend_"))


def _year(found: ImportFormat, params: ImportParams) -> list[FieldProblem]:
    if params.year is not None and not 2005 <= params.year <= 2100:
        return [FieldProblem("year", f"{params.year} is not a year between 2005 and 2100")]
    if found is ImportFormat.YOUTUBE_TRENDING_EARLY and params.year is None:
        return [FieldProblem("year", "the dates of this file have no year (DD.MM): give the year")]
    return []


def _observed(found: ImportFormat, shape: TableShape, params: ImportParams, now: datetime) -> list[FieldProblem]:
    given = params.observed_at
    if given is not None and given.tzinfo is None:
        return [FieldProblem("observed_at", "it needs a time zone, such as 2021-08-25T00:00:00Z")]
    if given is not None and given > now:
        return [FieldProblem("observed_at", "it lies in the future")]
    if given is None and (found in NEEDS_OBSERVED_AT or _sample_lacks_moment(found, shape)):
        return [FieldProblem("observed_at", "the file does not say when these figures were read: give the moment")]
    return []


def _sample_lacks_moment(found: ImportFormat, shape: TableShape) -> bool:
    column = MOMENT_COLUMN.get(found)
    return column is not None and bool(shape.sample) and all(row.get(column) in (None, "") for row in shape.sample)
