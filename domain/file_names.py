"""Names of files that people are given. Who may have which file is decided elsewhere."""

import re
from typing import Literal
from urllib.parse import quote

Disposition = Literal["inline", "attachment"]


def content_disposition(file_name: str, disposition: Disposition) -> str:
    """A name that no header and no file system misreads (RFC 6266): plain ASCII, and the whole one encoded beside it."""
    name = re.sub(r"[\x00-\x1f\x7f/\\]+", " ", file_name.encode("utf-8", "replace").decode()).strip(" .")[:200] or "file"
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", name)
    encoded = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'{disposition}; filename="{plain}"{encoded}'
