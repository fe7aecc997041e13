"""A bucket as the file store: what it says when it fails, uploads that are cut off, and addresses that anybody may fetch."""

import hashlib
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
import obstore
import pytest

from domain.errors import NotFound, SourceFailed, SourceRefused, SourceUnavailable
from gateways.files.kept import FileOptions, kept_files
from gateways.files.objects import Bucket, ObjectFiles
from gateways.files.presigning import Signer
from gateways.files.store import LocalFiles
from tests.gateways.files.buckets import S3, front_of

TENANT = UUID("018f3b5e-0000-7000-8000-000000000001")
KEY = f"{TENANT}/ab/{'ab' * 32}"
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
_UPLOAD = """
import sys
from pathlib import Path
from uuid import UUID
from gateways.files.objects import Bucket, ObjectFiles
name, endpoint, folder, tenant = sys.argv[1:]
bucket = Bucket(name=name, prefix="kept", endpoint=endpoint, access_key="k", secret_key="s")
ObjectFiles(bucket, Path(folder)).put(UUID(tenant), [bytes(20_000_000)], limit_bytes=10**9)
"""


def test_an_upload_that_is_killed_between_its_parts_and_its_end_cannot_be_seen(s3: S3, tmp_path: Path) -> None:
    bucket, sha256 = s3.bucket(), hashlib.sha256(bytes(20_000_000)).hexdigest()
    files = ObjectFiles(bucket, tmp_path)
    with front_of(s3) as front:
        front.holds_ends = True
        child = subprocess.Popen([sys.executable, "-c", _UPLOAD, bucket.name, front.endpoint, str(tmp_path), str(TENANT)])
        assert front.is_held.wait(30)
        child.kill()
        child.wait(30)

    assert "<Upload>" in s3.listed(bucket, "?uploads")
    with pytest.raises(NotFound):
        files.size(f"{TENANT}/{sha256[:2]}/{sha256}")
    assert files.size(files.put(TENANT, [bytes(20_000_000)], limit_bytes=10**9).key) == 20_000_000


@pytest.mark.parametrize(
    ("status", "code", "kind", "word"),
    [
        (500, "InternalError", SourceUnavailable, "does not answer"),
        (503, "SlowDown", SourceUnavailable, "does not answer"),
        (429, "TooManyRequests", SourceUnavailable, "does not answer"),
        (400, "RequestTimeout", SourceUnavailable, "does not answer"),
        (403, "InvalidAccessKeyId", SourceRefused, "InvalidAccessKeyId"),
        (403, "RequestTimeTooSkewed", SourceRefused, "clock"),
        (401, "Unauthorized", SourceRefused, "WHYRAL_FILES_SECRET_KEY"),
        (400, "AuthorizationHeaderMalformed", SourceRefused, "WHYRAL_FILES_REGION"),
        (404, "NoSuchBucket", SourceRefused, "create it"),
        (404, "NoSuchKey", NotFound, "file"),
    ],
)
def test_what_a_store_refuses_is_told_apart_from_what_it_cannot_do_now(
    s3: S3, tmp_path: Path, status: int, code: str, kind: type[Exception], word: str
) -> None:
    bucket = s3.bucket()
    with front_of(s3) as front:
        files = ObjectFiles(replace(bucket, endpoint=front.endpoint), tmp_path)
        front.refuses = (status, code)

        with pytest.raises(kind, match=word) as failed:
            files.prove()

    assert "Debug source" not in str(failed.value)
    assert "a secret word" not in str(failed.value)


def test_a_store_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    files = ObjectFiles(Bucket(name="media", endpoint="http://127.0.0.1:9", access_key="k", secret_key="s"), tmp_path)

    with pytest.raises(SourceUnavailable, match="does not answer"):
        files.size(KEY)


def test_a_bucket_that_is_missing_is_no_missing_file(s3: S3, tmp_path: Path) -> None:
    files = ObjectFiles(replace(s3.bucket(), name="nobody-made-this"), tmp_path)

    for act in (lambda: files.size(KEY), lambda: files.open(KEY), lambda: files.put(TENANT, [b"x"], limit_bytes=9), files.prove):
        with pytest.raises(SourceRefused, match="there is no bucket nobody-made-this"):
            act()


def test_a_failed_upload_leaves_nothing_on_our_disk(s3: S3, tmp_path: Path) -> None:
    files = ObjectFiles(replace(s3.bucket(), name="nobody-made-this"), tmp_path)

    with pytest.raises(SourceFailed):
        files.put(TENANT, [b"x"], limit_bytes=9)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_object_that_somebody_changed_never_reaches_a_tool(s3: S3, tmp_path: Path) -> None:
    files = ObjectFiles(s3.bucket(), tmp_path)
    stored = files.put(TENANT, [b"true"], limit_bytes=9)
    obstore.put(files._store, stored.key, b"fake")

    with pytest.raises(SourceUnavailable, match="another content"), files.local(stored.key):
        pytest.fail("a tool got it")

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_bytes_that_are_there_are_not_sent_again(s3: S3, tmp_path: Path) -> None:
    files = ObjectFiles(s3.bucket(), tmp_path)
    stored = files.put(TENANT, [b"once"], limit_bytes=9)
    obstore.put(files._store, stored.key, b"ecno")  # of the same length, so that a second put would show

    files.put(TENANT, [b"once"], limit_bytes=9)

    with files.open(stored.key) as file:
        assert file.read() == b"ecno"


# Presigned addresses


def test_a_link_is_fetched_without_any_key_and_says_name_and_type(s3: S3, tmp_path: Path) -> None:
    files = ObjectFiles(s3.bucket(), tmp_path)
    stored = files.put(TENANT, [b"0123456789"], limit_bytes=99)

    url = files.link(stored.key, seconds=60, file_name='Žluťoučký "kůň".mp4', media_type="video/mp4")

    assert url is not None
    answer = httpx.get(url, headers={"Range": "bytes=2-4"})
    assert (answer.status_code, answer.content) == (206, b"234")
    assert answer.headers["content-type"].startswith("video/mp4")
    assert answer.headers["content-disposition"].startswith('inline; filename="')
    files.delete(stored.key)
    assert httpx.get(url).is_client_error


def test_the_signature_is_that_of_amazons_published_example() -> None:
    """AWS, "Authenticating Requests: Using Query Parameters", the example with its answer."""
    signer = Signer("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")

    url = signer.presigned(
        "https://examplebucket.s3.amazonaws.com/test.txt", now=datetime(2013, 5, 24, tzinfo=UTC), seconds=86_400, answer={}
    )

    assert url.endswith("X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")


def test_the_signature_is_the_one_that_botocore_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore import auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    answer = {
        "response-content-disposition": "inline; filename=\"a b_.mp4\"; filename*=UTF-8''a%20%2B.mp4",
        "response-content-type": "video/mp4",
    }
    url = f"http://127.0.0.1:9000/media/kept ones/{KEY}"
    monkeypatch.setattr(auth, "get_current_datetime", lambda: NOON.replace(tzinfo=None))
    theirs = AWSRequest("GET", url.replace(" ", "%20"), params=answer)
    auth.S3SigV4QueryAuth(Credentials("id", "key"), "s3", "eu-central-1", expires=600).add_auth(theirs)

    ours = Signer("id", "key", "eu-central-1").presigned(url, now=NOON, seconds=600, answer=answer)

    assert ours.rpartition("X-Amz-Signature=")[2] == theirs.url.rpartition("X-Amz-Signature=")[2]


@pytest.mark.parametrize("seconds", [0, 7 * 86_400 + 1])
def test_no_address_lasts_longer_than_stores_allow(seconds: int) -> None:
    with pytest.raises(ValueError, match="seconds"):
        Signer("id", "key", "us-east-1").presigned("https://s3/b/k", now=NOON, seconds=seconds, answer={})


@pytest.mark.parametrize("more", [{"access_key": None, "secret_key": None}, {"is_presigned": False}])
def test_without_keys_or_against_the_settings_nothing_is_presigned(tmp_path: Path, more: dict[str, object]) -> None:
    bucket = replace(Bucket(name="media", access_key="k", secret_key="s"), **more)  # type: ignore[arg-type]  # a field or two

    assert ObjectFiles(bucket, tmp_path).link(KEY, seconds=60, file_name="a", media_type="video/mp4") is None


# Which store


def test_without_an_address_files_are_in_the_folder(tmp_path: Path) -> None:
    assert isinstance(kept_files(FileOptions(folder=tmp_path)), LocalFiles)


def test_an_address_of_a_bucket_gives_a_bucket_and_its_prefix(s3: S3, tmp_path: Path) -> None:
    bucket = s3.bucket()
    options = FileOptions(folder=tmp_path, url=f"s3://{bucket.name}/a/b/", endpoint=s3.endpoint, access_key="k", secret_key="hidden word")
    stored = kept_files(options).put(TENANT, [b"x"], limit_bytes=9)

    assert f"<Key>a/b/{stored.key}</Key>" in s3.listed(bucket)
    assert "hidden word" not in repr(options)


@pytest.mark.parametrize(
    ("words", "setting"),
    [
        ({"url": "gs://bucket"}, "WHYRAL_FILES_URL"),
        ({"url": "/some/folder"}, "WHYRAL_FILES_URL"),
        ({"url": "s3:///prefix"}, "WHYRAL_FILES_URL"),
        ({"url": "s3://key:secret@bucket"}, "WHYRAL_FILES_URL"),
        ({"url": "s3://bucket/a b"}, "WHYRAL_FILES_URL"),
        ({"url": "s3://bucket/a?b"}, "WHYRAL_FILES_URL"),
        ({"url": "s3://bucket", "access_key": "k"}, "WHYRAL_FILES_SECRET_KEY"),
        ({"url": "s3://bucket", "endpoint": "minio:9000"}, "WHYRAL_FILES_ENDPOINT"),
    ],
)
def test_options_that_make_no_sense_are_refused_by_the_name_of_their_setting(tmp_path: Path, words: dict[str, str], setting: str) -> None:
    with pytest.raises(ValueError, match=setting):
        kept_files(replace(FileOptions(folder=tmp_path), **words))  # type: ignore[arg-type]  # a field or two
