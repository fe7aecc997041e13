"""How much of a file we are ready to read. Beyond a limit of the file it is refused, beyond one of a row the row is rejected."""

from dataclasses import dataclass

from domain.imports.shapes import refusal as refused

__all__ = ["DEFAULT", "Cut", "ReadLimits", "refused"]


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Sizes in bytes or characters. Real tables pack 3 to 30 times; `ratio` applies once `ratio_from_bytes` are unpacked."""

    unpacked_bytes: int = 8 * 1024**3
    ratio: int = 200
    ratio_from_bytes: int = 32 * 1024**2
    entries: int = 20_000
    directory_bytes: int = 16 * 1024**2
    record_characters: int = 4 * 1024**2
    document_bytes: int = 16 * 1024**2
    field_characters: int = 131_072
    columns: int = 512
    row_group_bytes: int = 512 * 1024**2


DEFAULT = ReadLimits()


class Cut(Exception):
    """The bytes end before the file does (torn download, damaged archive). What came before is good."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
