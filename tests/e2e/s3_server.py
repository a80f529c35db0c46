# SPDX-License-Identifier: Apache-2.0
"""A server that speaks S3 and holds every signature against the key it gave out: moto, from the package registry."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import boto3
import pytest


class S3Server:
    """With one bucket, `models`, and one key that may do anything with it. What it holds is gone when it ends."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        with (folder / "s3.log").open("ab") as log:
            command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
            # It takes four requests of anybody, which make its user, their key and the bucket.
            environment = {**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": "4"}
            self.server = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{self.endpoint}/moto-api/", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        else:
            pytest.fail(f"the S3 server did not come up: {folder / 's3.log'}", pytrace=False)
        wishes = {"region_name": "us-east-1", "endpoint_url": self.endpoint, "aws_access_key_id": "nobody", "aws_secret_access_key": "nobody"}
        users = boto3.client("iam", **wishes)
        users.create_user(UserName="nav")
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
        users.put_user_policy(UserName="nav", PolicyName="all", PolicyDocument=json.dumps(policy))
        key = users.create_access_key(UserName="nav")["AccessKey"]
        self.keys = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
        boto3.client("s3", **wishes).create_bucket(Bucket="models")
        wishes |= {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
        self.store = boto3.client("s3", **wishes)

    @property
    def environment(self) -> dict[str, str]:
        return {**self.keys, "AWS_ENDPOINT_URL": self.endpoint}

    def objects(self) -> dict[str, int]:
        return {one["Key"]: one["Size"] for one in self.store.list_objects_v2(Bucket="models").get("Contents", [])}

    def stop(self) -> None:
        self.server.kill()
        self.server.wait()
