"""Credentials for schemathesis, each for the door that an operation has.

What ends a credential, or what it stands for, gets one of its own, so that the rest of the run keeps a good one.
"""

import itertools
import os
import re

import requests
import schemathesis

PASSWORD = "Passw0rd!"

# Of these, none but the last is good afterwards.
ENDS = re.compile(
    "(DELETE /api/user|POST /auth/logout|GET /api/logout|POST /logout|POST /(account|accounts|devices)/.*"
    "|(DELETE|POST) /user/{token}/(tokens.*|token/renew|password))$"
)

# What a form has as its token where nothing is wrong with it.
FORM_TOKEN = re.compile("[0-9a-f]{64}$")

numbers = itertools.count()
shared = {}


def send(case, path, body):
    answer = requests.post(case.operation.base_url.rstrip("/") + path, json=body, timeout=30)
    answer.raise_for_status()
    return answer


def newcomer(case):
    """An account of its own."""
    name = f"newcomer{os.getpid()}.{next(numbers)}"
    send(case, "/register", {"username": name, "password": PASSWORD})
    return name


def come_in(case, door, name):
    """A credential for this door: a header, and the form token that belongs to it."""
    given = {"username": name, "password": PASSWORD}
    if door == "bearer":
        client_id = f"schemathesis/{next(numbers)}"
        token = send(case, "/token", given | {"client_id": client_id}).json()["token"]["token"]
        return ("Authorization", f"Bearer {token}"), None
    if door == "basic":
        return ("Authorization", requests.auth._basic_auth_str(name, PASSWORD)), None
    if door == "jwt":
        return ("Authorization", "JWT " + send(case, "/auth", given).json()["access_token"]), None
    answer = send(case, "/api/login", given)
    secret = answer.cookies["keybin_session"]
    return ("Cookie", f"keybin_session={secret}"), answer.json()["data"]["csrf_token"]


@schemathesis.auth(refresh_interval=None)
class Doors:
    def get(self, case, context):
        doors = context.operation.definition.raw.get("security")
        if not doors:
            return None
        door = next(iter(doors[0]))
        if ENDS.match(context.operation.label):
            return come_in(case, door, newcomer(case))
        if door not in shared:
            shared[door] = come_in(case, door, os.environ["KEYBIN_ACCOUNT"])
        return shared[door]

    def set(self, case, data, context):
        if data is None:
            return
        (name, value), form_token = data
        case.headers[name] = value
        if form_token and isinstance(case.body, dict):
            given = case.body.get("csrf_token")
            if isinstance(given, str) and FORM_TOKEN.match(given):
                case.body["csrf_token"] = form_token


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    return value.encode() if isinstance(value, str) else repr(value).encode()
