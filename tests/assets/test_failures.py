"""What a failed run tells: Dagster, which operators read, all of it; its request, which its workspace reads, what callers may know."""

import pytest
from obstore.exceptions import PermissionDeniedError

from assets.failures import as_failure, described
from domain.errors import SourceRefused
from gateways.files.object_errors import told


def test_a_bucket_is_named_to_operators_and_not_to_whoever_asked() -> None:
    with pytest.raises(SourceRefused) as refused, told("the-bucket", "the-key"):
        raise PermissionDeniedError("<Code>AccessDenied</Code>")

    kept = described(refused.value, step="out_clips__renders")

    assert not [word for word in ("the-bucket", "WHYRAL_") if word in str(kept)]
    assert (kept["code"], kept["is_retryable"]) == ("source_refused", False)
    assert all(word in str(as_failure(refused.value).description) for word in ("the-bucket", "WHYRAL_FILES_ACCESS_KEY"))


def test_of_a_fault_of_ours_its_kind_alone_is_told_to_whoever_asked() -> None:
    kept = described(FileNotFoundError(2, "No such file", "/var/lib/whyral/inner"), step="core_catalogue__videos")

    assert "/var/lib" not in str(kept)
    assert (kept["code"], kept["step"], kept["is_retryable"]) == ("bug", "core_catalogue__videos", False)
    assert "FileNotFoundError" in str(kept["detail"])
