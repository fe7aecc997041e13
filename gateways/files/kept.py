"""Which file store this deployment has: a folder, or a bucket. The one place that decides it, for the API, the runs and the doctor."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from gateways.files.objects import Bucket, ObjectFiles
from gateways.files.store import LocalFiles

_ADDRESS = re.compile(r"s3://[A-Za-z0-9][A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*/?\Z")
KeptFiles = LocalFiles | ObjectFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOptions:
    """As the settings have it. `folder`: on this machine; without `url` the files are there."""

    folder: Path
    url: str | None = None
    endpoint: str | None = None
    region: str = "us-east-1"
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    presign: bool = True


def kept_files(options: FileOptions) -> KeptFiles:
    """Touches neither disk nor network. Raises ValueError for options that make no sense, saying which setting to correct."""
    if not options.url:
        return LocalFiles(options.folder)
    parts = urlsplit(options.url)
    if not _ADDRESS.match(options.url):
        raise ValueError(
            "WHYRAL_FILES_URL must be s3://bucket or s3://bucket/prefix, of letters, digits and . _ - /; "
            "leave it out to keep files in WHYRAL_HOME"
        )
    if (options.access_key is None) != (options.secret_key is None):
        raise ValueError("set both WHYRAL_FILES_ACCESS_KEY and WHYRAL_FILES_SECRET_KEY, or neither")
    if options.endpoint and urlsplit(options.endpoint).scheme not in ("http", "https"):
        raise ValueError("WHYRAL_FILES_ENDPOINT must begin with https:// or http://")
    bucket = Bucket(
        name=parts.netloc,
        prefix=parts.path.strip("/"),
        region=options.region,
        endpoint=options.endpoint,
        access_key=options.access_key,
        secret_key=options.secret_key,
        is_presigned=options.presign,
    )
    return ObjectFiles(bucket, options.folder)
