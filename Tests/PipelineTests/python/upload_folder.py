"""Puts every file of a folder into a bucket, under a prefix.

usage: upload_folder.py ENDPOINT ACCESS_KEY SECRET_KEY BUCKET PREFIX FOLDER
"""

import pathlib
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, access_key, secret_key, bucket, prefix, folder = sys.argv[1:]
store = boto3.client(
    "s3",
    endpoint_url=endpoint,
    aws_access_key_id=access_key,
    aws_secret_access_key=secret_key,
    region_name="us-east-1",
    config=Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required"),
)
try:
    store.create_bucket(Bucket=bucket)
except ClientError as error:
    if error.response["Error"]["Code"] not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
        raise
for path in sorted(pathlib.Path(folder).rglob("*")):
    if path.is_file():
        store.put_object(Bucket=bucket, Key=prefix + path.relative_to(folder).as_posix(), Body=path.read_bytes())
