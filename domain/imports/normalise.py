"""From a table's rows to observations: the one door for every format. Pure; files are opened in `gateways/files/`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.imports.cells import SUSPECT, is_formula
from domain.imports.own import own_reader
from domain.imports.params import ImportParams, check
from domain.imports.reading import Reading, Record, RowReader
from domain.imports.repeats import Repeats
from domain.imports.shapes import ImportFormat, TableShape, recognise
from domain.imports.tiktok import tiktok_reader
from domain.imports.values import Unreadable, shown
from domain.imports.youtube_owner import channel_reader, days_reader, studio_reader
from domain.imports.youtube_trending import trending_reader
from domain.imports.ytdlp import ytdlp_reader
from domain.observations import Observed, Rejected, Selection


@dataclass(frozen=True, slots=True)
class Normaliser:
    """Reads rows in the order of the file; it remembers what it has seen, so use one per file."""

    format: ImportFormat
    selection: Selection
    now: datetime
    _reading: Reading
    _read: RowReader
    _repeats: Repeats = field(default_factory=Repeats)

    def read(self, line: int, record: Record) -> Observed | Rejected:
        """Never raises: a row that cannot be read is rejected by name and stops nothing."""
        try:
            observed = self._read(line, record)
            self._demand_sense(observed)
        except Unreadable as wrong:
            return Rejected(line, wrong.reason, wrong.column)
        repeat = self._repeats.reason(observed)
        return Rejected(line, repeat) if repeat else observed

    def notes(self) -> Mapping[str, int]:
        """What was read in a way that the reader of the report should know, with its number of rows."""
        return dict(self._reading.notes)

    def _demand_sense(self, observed: Observed) -> None:
        _demand_identity(observed)
        if self._reading.params.platform not in (None, observed.account.platform):
            raise Unreadable(f"the row is from {observed.account.platform}, the import from {self._reading.params.platform}", "platform")
        _demand_no_formula(observed)
        if observed.observed_at - timedelta(seconds=observed.observed_error_seconds) > self.now:
            raise Unreadable("the time of observation lies in the future", "observed_at")
        video = observed.video
        if video is None or video.posted_at is None:
            return
        leeway = timedelta(seconds=observed.observed_error_seconds + video.posted_error_seconds)
        if video.posted_at - observed.observed_at > leeway:
            raise Unreadable("the video was posted after it was observed", "posted_at")


def _demand_identity(observed: Observed) -> None:
    account = observed.account
    if not (account.external_id or account.username or account.title):
        raise Unreadable("the row does not say whose video it is: no id, no username, no title of the account", "account")


def _demand_no_formula(observed: Observed) -> None:
    account, video = observed.account, observed.video
    texts = [account.title, account.username, account.description, account.external_id]
    if video is not None:
        texts += [video.title, video.description, video.category, video.sound_title, video.url, *video.tags]
    for written in texts:
        if written and written[0] in SUSPECT and is_formula(written):
            raise Unreadable(f"{shown(written)} is a spreadsheet formula")


def normaliser(shape: TableShape, params: ImportParams, *, now: datetime) -> Normaliser:
    """Raises `Unacceptable` before any row is read: the format is unknown, or a parameter is missing or impossible."""
    found = recognise(shape)
    selection = check(found, shape, params, now)
    reading = Reading(params, shape.columns)
    return Normaliser(found, selection, now, reading, _reader(found, reading))


def _reader(found: ImportFormat, reading: Reading) -> RowReader:
    match found:
        case ImportFormat.YOUTUBE_TRENDING | ImportFormat.YOUTUBE_TRENDING_EARLY:
            return trending_reader(found, reading)
        case ImportFormat.YOUTUBE_STUDIO:
            return studio_reader(reading)
        case ImportFormat.YOUTUBE_STUDIO_DAYS:
            return days_reader(reading)
        case ImportFormat.YOUTUBE_CHANNEL:
            return channel_reader(reading)
        case ImportFormat.YTDLP:
            return ytdlp_reader(reading)
        case ImportFormat.WHYRAL:
            return own_reader(reading)
    return tiktok_reader(found, reading)
