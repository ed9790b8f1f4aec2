"""Eve with tokens, accounts that see their own documents alone, and writes that are in the journal."""

import os

from eve import Eve
from eve.auth import TokenAuth
from flask import current_app as app_context


class ByToken(TokenAuth):
    """As Eve's documentation has it: the token is looked up at every request."""

    def check_auth(self, token, allowed_roles, resource, method):
        account = app_context.data.driver.db["accounts"].find_one({"token": token})
        if account:
            self.set_request_auth_value(account["_id"])
        return account


DOCUMENTS = {
    "schema": {"_id": {"type": "string"}, "value": {}},
    "item_url": r'regex("[A-Za-z0-9_.]+")',
    "auth_field": "account",
    "resource_methods": ["GET", "POST"],
    "item_methods": ["GET", "PUT"],
    "mongo_write_concern": {"w": "majority", "j": True},
}

SETTINGS = {
    "DOMAIN": {"documents": DOCUMENTS},
    "MONGO_URI": os.environ["MONGODB"],
    "IF_MATCH": False,
    "BULK_ENABLED": True,
    "XML": False,
    "RENDERERS": ["eve.render.JSONRenderer"],
}

app = Eve(settings=SETTINGS, auth=ByToken)

# The accounts, with the names that the benchmark expects.
accounts = [
    {"_id": f"a{number:05}", "token": f"token-{number:05}"}
    for number in range(int(os.environ["ACCOUNTS"]))
]
with app.app_context():
    tokens = app.data.driver.db["accounts"]
    tokens.create_index("token", unique=True)
    for account in accounts:
        tokens.replace_one({"_id": account["_id"]}, account, upsert=True)
