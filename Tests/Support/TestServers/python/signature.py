"""Recomputes the signature of a request with botocore, an implementation independent of ours."""

import datetime
import urllib.parse

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.utils import percent_encode

ACCESS_KEY = "AKID:with/odd+chars"
SECRET_KEY = "secret/with+odd=chars"
REGION = "eu-test-1"


def canonical_path(path):
    return percent_encode(path, safe="/-._~")


def request(method, host, path, parameters, headers):
    """A request whose path (bytes) and parameters (pairs) botocore encodes itself."""
    return AWSRequest(
        method=method, url=f"http://{host}{canonical_path(path)}", params=list(parameters), headers=headers
    )


def authorization(method, host, raw_target, headers):
    """The expected `Authorization` of a received request; None if it is not signed."""
    given = headers.get("Authorization", "")
    if "SignedHeaders=" not in given:
        return None
    signed = given.split("SignedHeaders=")[1].split(",")[0].split(";")
    raw_path, _, raw_query = raw_target.partition("?")
    path = urllib.parse.unquote_to_bytes(raw_path)
    parameters = urllib.parse.parse_qsl(raw_query, keep_blank_values=True)
    checked = request(method, host, path, parameters, {})
    for name in signed:
        checked.headers[name] = headers.get(name, "")
    timestamp = headers["X-Amz-Date"]
    checked.context["timestamp"] = timestamp
    checked.context["signing"] = {"signing_name": "s3", "region": REGION}
    age = datetime.datetime.now(datetime.timezone.utc) - datetime.datetime.strptime(
        timestamp, "%Y%m%dT%H%M%SZ"
    ).replace(tzinfo=datetime.timezone.utc)
    assert abs(age.total_seconds()) < 900, "the request's date is off"
    # botocore adds its own payload hash unless there is one.
    signer = S3SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "s3", REGION)
    canonical = signer.canonical_request(checked)
    to_sign = signer.string_to_sign(checked, canonical)
    return (
        f"AWS4-HMAC-SHA256 Credential={signer.scope(checked)}, "
        f"SignedHeaders={';'.join(signed)}, Signature={signer.signature(to_sign, checked)}"
    )
