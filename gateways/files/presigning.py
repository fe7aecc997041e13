"""Addresses of objects that anybody may fetch for a while: S3's Signature Version 4 in the query.

Source: "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)", Amazon S3 API reference. obstore signs too, but not the
name and media type that the answer shall have.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlsplit

LONGEST_SECONDS = 7 * 86_400
_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Signer:
    """One key pair in one region."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    region: str

    def presigned(self, url: str, *, now: datetime, seconds: int, answer: Mapping[str, str]) -> str:
        """GET `url` for so long (1 s to 7 days). `answer`: headers that the store shall answer with, as `response-content-type`."""
        if not 1 <= seconds <= LONGEST_SECONDS:
            raise ValueError(f"a presigned address lasts from 1 to {LONGEST_SECONDS} seconds, not {seconds}")
        parts = urlsplit(url)
        scope = f"{now:%Y%m%d}/{self.region}/s3/aws4_request"
        words = {
            **answer,
            "X-Amz-Algorithm": _ALGORITHM,
            "X-Amz-Credential": f"{self.access_key}/{scope}",
            "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}",
            "X-Amz-Expires": str(seconds),
            "X-Amz-SignedHeaders": "host",
        }
        path = quote(parts.path, safe="/-_.~")
        query = "&".join(sorted(f"{quote(name, safe='-_.~')}={quote(word, safe='-_.~')}" for name, word in words.items()))
        asked = f"GET\n{path}\n{query}\nhost:{parts.netloc}\n\nhost\nUNSIGNED-PAYLOAD"
        signed = f"{_ALGORITHM}\n{words['X-Amz-Date']}\n{scope}\n{hashlib.sha256(asked.encode()).hexdigest()}"
        signature = hmac.new(self._key(now), signed.encode(), hashlib.sha256).hexdigest()
        return f"{parts.scheme}://{parts.netloc}{path}?{query}&X-Amz-Signature={signature}"

    def _key(self, now: datetime) -> bytes:
        key = b"AWS4" + self.secret_key.encode()
        for word in (f"{now:%Y%m%d}", self.region, "s3", "aws4_request"):
            key = hmac.new(key, word.encode(), hashlib.sha256).digest()
        return key
