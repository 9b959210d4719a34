#!/usr/bin/env python3
"""SCIM against a real gateway: the conformance tests of scim2-tester, then a synchronisation that is timed.

    python3 tests/console/scim.py [--users 200] [--groups 10] [--store URL]

Runs on SQLite, and on PostgreSQL where TIDEGATE_TEST_POSTGRES names one; `--store` names the only one.
Prints a line per check and closes with `N passed, N failed`. TIDEGATE_BIN_DIR names the folder of the
binaries when it is not target/debug.
"""
import argparse
import http.client
import json
import os
import statistics
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import defaultdict
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))

from rig import CLIENTS, Results, Rig, wait_for  # noqa: E402, the path comes first

SCIM = "application/scim+json"
# What a provider opens at once.
CONNECTIONS = 4
# What scim2-tester holds against us, and why it stays so.
KNOWN = {
    ("User", "check_remove_attribute", "'active'"): "somebody is active or not; who is switched off is not switched "
    "on because a client forgets the attribute",
}


def conformance(rig, token, results, engine):
    """Every check of scim2-tester, on every attribute that our schemas name."""
    import httpx2
    from scim2_client.engines.httpx2 import SyncSCIMClient
    from scim2_tester import Status, check_server

    with httpx2.Client(base_url=rig.control + "/scim/v2", headers={"authorization": f"Bearer {token}"}) as http_client:
        found = check_server(SyncSCIMClient(http_client))
    counts = defaultdict(int)
    for one in found:
        counts[one.status.name] += 1
        if one.status in (Status.ERROR, Status.CRITICAL, Status.DEVIATION):
            name = f"{engine}: {one.resource_type or ''} {one.title}"
            known = [why for (kind, title, word), why in KNOWN.items()
                     if (one.resource_type, one.title) == (kind, title) and word in str(one.reason)]
            if known:
                print(f"     {name}: {one.reason}: known: {known[0]}", flush=True)
            else:
                results.check(name, False, f"{one.status.name}: {one.reason}")
    said = ", ".join(f"{count} {name.lower()}" for name, count in sorted(counts.items()))
    print(f"     scim2-tester on {engine}: {said}", flush=True)
    # So that a test suite that finds nothing to test does not pass.
    results.check(f"{engine}: scim2-tester made its checks", counts["SUCCESS"] >= 50, said)


class Provider:
    """An identity provider with a connection of its own; remembers how long each kind of call took."""

    def __init__(self, rig, token, times):
        address = urllib.parse.urlsplit(rig.control)
        self.connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        self.token, self.times = token, times

    def call(self, what, method, path, body=None):
        """One call; waits when it is told to."""
        headers = {"authorization": f"Bearer {self.token}", "content-type": SCIM}
        data = None if body is None else json.dumps(body)
        while True:
            began = time.perf_counter()
            self.connection.request(method, "/scim/v2" + path, body=data, headers=headers)
            answer = self.connection.getresponse()
            said = answer.read()
            took = time.perf_counter() - began
            if answer.status == 429:
                time.sleep(int(answer.headers["retry-after"]))
                continue
            if answer.status >= 300:
                raise RuntimeError(f"{method} {path}: {answer.status} {said.decode(errors='replace')}")
            self.times[what].append(took)
            return json.loads(said) if said else None


def user(number):
    """A user as Okta sends one."""
    name = f"user{number}@example.com"
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name,
        "externalId": f"00u{number:08}", "name": {"givenName": "User", "familyName": str(number)},
        "emails": [{"primary": True, "value": name, "type": "work"}], "active": True,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": f"D{number % 20}"},
    }


def patch(*operations):
    """The body of a PATCH."""
    return {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": list(operations)}


def synchronise(rig, token, users, groups, results, engine):
    """A first synchronisation, and a second one in which something changed."""
    times, ids, failures = defaultdict(list), [None] * users, []

    def each(work):
        def run(first):
            try:
                provider = Provider(rig, token, times)
                for number in range(first, users, CONNECTIONS):
                    work(provider, number)
            except Exception as error:  # told by the check below
                failures.append(error)

        threads = [threading.Thread(target=run, args=(first,)) for first in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def create(provider, number):
        wanted = urllib.parse.quote(f'userName eq "user{number}@example.com"')
        found = provider.call("find a user", "GET", f"/Users?filter={wanted}&startIndex=1&count=100")
        assert found["totalResults"] == 0, found
        ids[number] = provider.call("create a user", "POST", "/Users", user(number))["id"]

    def change(provider, number):
        path = f"/Users/{ids[number]}"
        if number % 10 == 0:
            provider.call("switch a user off", "PATCH", path, patch({"op": "replace", "value": {"active": False}}))
        elif number % 10 == 1:
            whole = provider.call("read a user", "GET", path)
            whole["title"] = "changed"
            provider.call("replace a user", "PUT", path, whole)

    began = time.perf_counter()
    each(create)
    results.check(f"{engine}: {users} users come", not failures and all(ids), failures)
    provider = Provider(rig, token, times)
    expected = {}
    for number in range(groups):
        made = provider.call("create a group", "POST", "/Groups", {"displayName": f"group {number}"})
        members = [ids[at] for at in range(users) if at % groups in (number, (number + 1) % groups)]
        expected[made["id"]] = set(members)
        for start in range(0, len(members), 100):
            some = [{"value": one} for one in members[start:start + 100]]
            provider.call("add 100 members", "PATCH", f"/Groups/{made['id']}",
                          patch({"op": "add", "path": "members", "value": some}))
    team = rig.api("POST", "/teams", {"name": f"team of {engine}"})["id"]
    mapped = next(iter(expected))
    rig.api("PUT", f"/groups/{mapped}/team", {"team": team})
    each(change)
    results.check(f"{engine}: what changed is sent", not failures, failures)
    whole = time.perf_counter() - began

    for group, members in expected.items():
        got = provider.call("read a group", "GET", f"/Groups/{group}")
        got = {member["value"] for member in got.get("members", [])}
        if got != members:
            results.check(f"{engine}: members of {group}", False, f"{len(got)} instead of {len(members)}")
    listed, start = 0, 1
    while start <= users:
        page = provider.call("list 100 users", "GET", f"/Users?startIndex={start}&count=100")
        listed, start = listed + page["itemsPerPage"], start + 100
    results.check(f"{engine}: all are listed", listed == users and page["totalResults"] == users, page["totalResults"])
    department = urllib.parse.quote(
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "D3" and active eq true')
    found = provider.call("find without an index", "GET", f"/Users?filter={department}")
    sought = sum(number % 20 == 3 for number in range(users))
    results.check(f"{engine}: a filter looks at all", found["totalResults"] == sought, found["totalResults"])
    team_members = rig.api("GET", f"/users?team={team}&limit=200")["items"]
    results.check(f"{engine}: the mapped group gave its team", 0 < len(team_members) <= len(expected[mapped]),
                  len(team_members))
    results.check(f"{engine}: the audit log is whole", rig.api("GET", "/audit/verify")["intact"])
    print(f"     {engine}: {users} users and {groups} groups in {whole:.1f} s, {CONNECTIONS} connections", flush=True)
    for what, took in times.items():
        took.sort()
        print(f"     {engine}: {what}: {len(took)} times, median {statistics.median(took) * 1000:.1f} ms, "
              f"p95 {took[int(len(took) * 0.95)] * 1000:.1f} ms", flush=True)


def keys_stop(rig, token, results, engine):
    """Whoever is switched off at the provider is refused by the data plane, and accepted when they are back."""
    provider = Provider(rig, token, defaultdict(list))
    made = provider.call("", "POST", "/Users", user(1_000_000))["id"]
    secret = rig.api("POST", "/keys", {"name": "theirs", "user": made})["secret"]
    for active, status in ((True, 200), (False, 403), (True, 200)):
        provider.call("", "PATCH", f"/Users/{made}", patch({"op": "replace", "value": {"active": active}}))
        seen = []

        def answered():
            seen[:] = [models(rig, secret)]
            return seen == [status]

        try:
            wait_for(answered, "the key to be judged anew", seconds=5)
        except RuntimeError:
            pass  # told by what was seen last
        results.check(f"{engine}: a key of somebody who is {'active' if active else 'not'}", seen == [status], seen)
    provider.call("", "DELETE", f"/Users/{made}")


def models(rig, secret):
    """The status of a call of the data plane."""
    request = urllib.request.Request(rig.url + "/v1/models", headers={"authorization": f"Bearer {secret}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def main():
    """Runs everything on each engine."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--users", type=int, default=200)
    arguments.add_argument("--groups", type=int, default=10)
    arguments.add_argument("--store")
    chosen = arguments.parse_args()
    stores = {"SQLite": "sqlite:tidegate.db"}
    if chosen.store:
        stores = {chosen.store.split(":")[0]: chosen.store}
    elif server := os.environ.get("TIDEGATE_TEST_POSTGRES"):
        stores["PostgreSQL"] = server
    else:
        print("SKIPPED: SCIM on PostgreSQL: TIDEGATE_TEST_POSTGRES is not set", flush=True)
    results = Results()
    for engine, store in stores.items():
        with schema(store) as url:
            rig = Rig()
            rig.store = url
            with rig:
                token = rig.api("POST", "/scim-tokens", {"name": "tests"})["secret"]
                conformance(rig, token, results, engine)
                wipe(rig, token)
                keys_stop(rig, token, results, engine)
                synchronise(rig, token, chosen.users, chosen.groups, results, engine)
                if results.failed:
                    print(f"--- the gateway said ---\n{rig.log()[-4000:]}")
    return results.close()


def wipe(rig, token):
    """Takes away what the conformance tests left."""
    provider = Provider(rig, token, defaultdict(list))
    for kind in ("Groups", "Users"):
        while left := provider.call("", "GET", f"/{kind}")["Resources"]:
            for one in left:
                provider.call("", "DELETE", f"/{kind}/{one['id']}")


class schema:
    """A schema of its own in a PostgreSQL that others use too, gone afterwards; nothing on SQLite."""

    def __init__(self, store):
        self.server, self.name = store, None

    def __enter__(self):
        if not self.server.startswith("postgres"):
            return self.server
        self.name = f"scim{os.getpid()}"
        self.run(f"CREATE SCHEMA {self.name}")
        joint = "&" if "?" in self.server else "?"
        return f"{self.server}{joint}options=-csearch_path%3D{self.name}"

    def __exit__(self, *_):
        if self.name:
            self.run(f"DROP SCHEMA {self.name} CASCADE")

    def run(self, sql):
        """By the server's own client, which comes with it."""
        import subprocess

        folder = subprocess.run(["scripts/postgres.sh", "find"], capture_output=True, text=True, check=True,
                                cwd=Path(__file__).resolve().parents[2]).stdout.strip()
        subprocess.run([f"{folder}/psql", "-q", "-d", self.server, "-c", sql], check=True, timeout=60,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    python = CLIENTS / "venv" / "bin" / "python"
    if not python.exists():
        raise SystemExit("the Python for the tests is not installed; run `make setup`")
    if Path(sys.prefix).resolve() != (CLIENTS / "venv").resolve() and "TIDEGATE_SCIM_PYTHON" not in os.environ:
        os.execv(python, [str(python), *sys.argv])
    sys.exit(main())
