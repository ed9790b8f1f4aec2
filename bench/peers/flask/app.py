"""The design of the original Keybin: Flask and PyMongo, two questions for each request."""

import os

from flask import Flask, abort, jsonify, request
from pymongo import MongoClient, WriteConcern

app = Flask(__name__)
database = MongoClient(os.environ["MONGODB"]).get_default_database()
tokens = database["tokens"]
store = database.get_collection("store", write_concern=WriteConcern("majority", j=True))
tokens.create_index("token", unique=True)
store.create_index([("user_id", 1), ("key", 1)], unique=True)
for number in range(int(os.environ["ACCOUNTS"])):
    token = {"token": f"token-{number:05}", "user_id": f"a{number:05}"}
    tokens.replace_one({"token": token["token"]}, token, upsert=True)


def account(token):
    found = tokens.find_one({"token": token})
    if found is None:
        abort(403)
    return found["user_id"]


@app.get("/user/<token>/store/<key>")
def read(token, key):
    found = store.find_one({"user_id": account(token), "key": key})
    if found is None:
        abort(404)
    return jsonify(value=found["value"])


@app.post("/user/<token>/store/<key>")
def write(token, key):
    wanted = {"user_id": account(token), "key": key}
    store.update_one(wanted, {"$set": {"value": request.get_json()["value"]}}, upsert=True)
    return jsonify(result="ok")
