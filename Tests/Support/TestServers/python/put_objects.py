"""Puts objects into a store: one JSON object a line on stdin, {"bucket", "key", "text" or "size"}.

usage: put_objects.py ENDPOINT ACCESS_KEY SECRET_KEY < objects.jsonl

An object of a `size` holds the bytes that fault_server.py serves under such a name (see `content`).
"""

import json
import sys

import boto3
from botocore.config import Config
from content import content

endpoint, access_key, secret_key = sys.argv[1:]
store = boto3.client(
    "s3",
    endpoint_url=endpoint,
    aws_access_key_id=access_key,
    aws_secret_access_key=secret_key,
    region_name="us-east-1",
    config=Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required"),
)
made = set()
for line in sys.stdin:
    given = json.loads(line)
    if given["bucket"] not in made:
        store.create_bucket(Bucket=given["bucket"])
        made.add(given["bucket"])
    body = given["text"].encode() if "text" in given else content(given["key"], given["size"])
    store.put_object(Bucket=given["bucket"], Key=given["key"], Body=body)
