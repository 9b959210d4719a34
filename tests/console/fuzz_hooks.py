"""What stands between schemathesis and the gateway while tests/console/fuzz_api.py runs: schemathesis loads this file
into its process.

No operation is left out. Those that would end the run, or lead off this machine, are changed on their way:

- The run's own token is never the one that is revoked: its id gives way to another token's.
- What only a signed-in account may do (`/accounts/current/…`, `/sessions/current`, `/views`) is done by an account of this
  file's, with its true password every other time; when its session has ended, another account signs in.
- An identity provider's issuer lies on a port of loopback where nothing listens, whatever host was thought up.
- Of the stream of events the first one is read; it has no end.

Every answer is written down as a line of JSON, with what the checks found.
"""
import hashlib
import http.client
import json
import os
import re
import urllib.parse

import schemathesis

GIVEN = json.loads(os.environ["TIDEGATE_FUZZ"])
NOTES = open(GIVEN["notes"], "a", buffering=1, encoding="utf-8")
# What is found and holds: code of schemathesis by operation.
KNOWN = {
    # A schema of the stream as a whole is read as one of each event, which OpenAPI has from 3.2 on.
    ("GET /api/v1/events", "ST108"),
}
NOWHERE = "https://127.0.0.1:9/"


class Signed:
    """An account that signs in, and another one when it no longer can. It calls from an address of its own, as the
    attempts to sign in that are made up are counted by address."""

    def __init__(self):
        self.number = self.calls = 0
        self.session = self.password = None

    def ask(self, method, path, token, body=None):
        """One call of the admin API: its status, and what it said."""
        address = urllib.parse.urlsplit(GIVEN["control"])
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30, source_address=("127.0.0.2", 0))
        try:
            connection.request(method, "/api/v1" + path, body=None if body is None else json.dumps(body), headers={
                "content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})})
            answer = connection.getresponse()
            said = answer.read()
            return answer.status, json.loads(said) if said else None
        finally:
            connection.close()

    def token(self):
        """A session that lives."""
        if self.session and self.ask("GET", "/sessions/current", self.session)[0] == 200:
            return self.session
        self.number += 1
        email = f"fuzz{os.getpid()}.{self.number}@signed.example.com"
        status, made = self.ask("POST", "/accounts", GIVEN["token"], {"email": email})
        if status != 201:
            raise RuntimeError(f"no account for sessions: {status} {made}")
        self.password = f"the {self.number}th long password"
        status, said = self.ask("POST", "/sessions", None, {
            "email": email, "password": made["one_time_password"], "new_password": self.password})
        if status != 201:
            raise RuntimeError(f"no session: {status} {said}")
        self.session = said["token"]
        return self.session


signed = Signed()


@schemathesis.hook
def before_call(context, case, kwargs):
    """Changes what must not go out as it is."""
    path = case.path
    if path == "/api/v1/tokens/{id}/revoke" and case.path_parameters.get("id") == GIVEN["own"]:
        case.path_parameters["id"] = GIVEN["other"]
    personal = "/current" in path or path.startswith("/api/v1/views")
    case.headers["Authorization"] = f"Bearer {signed.token() if personal else GIVEN['token']}"
    if personal:
        signed.calls += 1
        if signed.calls % 2:
            for name in ("password", "current_password"):
                if isinstance(case.body, dict) and isinstance(case.body.get(name), str):
                    case.body[name] = signed.password
    if path.startswith("/api/v1/identity-providers") and isinstance(case.body, dict):
        issuer = case.body.get("issuer")
        # What a reader of URLs would drop may not hide the scheme.
        if isinstance(issuer, str) and re.sub(r"[\x00-\x20]", "", issuer).lower().startswith("http"):
            case.body["issuer"] = NOWHERE + hashlib.sha256(issuer.encode("utf-8", "replace")).hexdigest()[:12]


@schemathesis.hook
def after_call(context, case, response):
    """Writes down what came."""
    NOTES.write(json.dumps({"operation": operation(case), "status": response.status_code, "took": response.elapsed}) + "\n")


@schemathesis.hook
def after_network_error(context, case, request):
    """Writes down that no answer came: the gateway went away, or its handler broke."""
    note(case, "no answer", "The connection ended", "or no answer came in time", None, b"")


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Writes down what a check found, unless it is known."""
    if (operation(case), failure.code) in KNOWN:
        return False
    note(case, failure.code, failure.title, failure.message, response.status_code, response.content)
    return True


def note(case, code, title, said, status, answer):
    """A line of what is wrong."""
    NOTES.write(json.dumps({
        "operation": operation(case), "code": code, "title": title, "said": said,
        "sent": f"{case.method.upper()} {case.formatted_path}", "query": repr(case.query)[:1000],
        "body": repr(case.body)[:2000], "status": status, "answer": answer[:600].decode("utf-8", "replace")}) + "\n")


def operation(case):
    """As the document names it, also where another method was tried at its path."""
    return case.operation.label
