#!/usr/bin/env python3
"""The admin API, fuzzed by schemathesis: every operation of its OpenAPI document, on a real gateway, with an
administrator's token.

    python3 tests/console/fuzz_api.py [--postgres] [--seed N]

What is sent is made from the document: its examples, borders, values that it allows and values that it does not, and
chains in which an answer's ids are the next call's. No answer may be a server error; each has a status, a content
type and a shape that the document names, and what the document rules out is refused. Runs on SQLite, with
`--postgres` on a PostgreSQL of its own. The document's own examples and borders take as long as they take;
TIDEGATE_API_FUZZ_SECONDS says how long what chance makes goes on after them.
Prints a line per operation and closes with `N passed, M failed`. fuzz_hooks.py says how operations that would end
the run are handled. TIDEGATE_BIN_DIR names the folder of the binaries when it is not target/debug.
"""
import argparse
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections import Counter, defaultdict
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))

from rig import CLIENTS, ROOT, Results, Rig  # noqa: E402, the path comes first

SECONDS = int(os.environ.get("TIDEGATE_API_FUZZ_SECONDS", "15"))
HOOKS = Path(__file__).resolve().parent / "fuzz_hooks.py"
# Not `positive_data_acceptance`: a text that the document allows may still name nothing, or a time that is past.
# Not the two that call without a credential: who may call what is a table with tests of its own, for every operation and role.
OFF = ("positive_data_acceptance", "ignored_auth", "missing_required_header")
# Fields of bodies that name something, and what.
BODIES = {"team": "team", "user": "user", "group": "group", "devices[*]": "device", "scope": "user", "provider": "provider"}
# Texts that readers and databases trip over.
ODD = ["\x00", "a\x00b", "'", '"', "%", "_", "\\", "%00", "../..", "\u202e", "\u0130", "e\u0301", "\U0001f9ea", "\ufeff",
       "\ud7ff", "\uffff", "-1", "9223372036854775807", "9223372036854775808", "1e400", "NaN", "null", "true", " ", "a" * 300]
TIMES = ["0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59Z",
         "2026-01-01T00:00:00+23:59", "2016-12-31T23:59:60Z", "-262143-01-01T00:00:00Z", "2026-02-29T00:00:00Z"]


def filled(rig, token):
    """Something of most kinds, so that there are pages to turn and rows to filter. Gives the values that parameters
    take in the run: true ones beside odd ones."""
    lists = {"team": "teams", "user": "users", "key": "keys", "device": "devices", "group": "device-groups"}
    for number in range(4):
        team = rig.api("POST", "/teams", {"name": f"team {number}"})["id"]
        user = rig.api("POST", "/users", {"email": f"user{number}@example.com", "name": f"user {number}", "team": team})["id"]
        rig.api("POST", "/keys", {"name": f"key {number}", "user": user})
        rig.api("POST", "/device-groups", {"name": f"group {number}"})
        rig.api("POST", "/budgets", {"scope": user, "cap_micro_usd": 1_000_000, "window": "1d"})
    scim = rig.api("POST", "/scim-tokens", {"name": "groups"})["secret"]
    call = urllib.request.Request(rig.control + "/scim/v2/Groups", headers={
        "authorization": f"Bearer {scim}", "content-type": "application/scim+json"},
        data=json.dumps({"displayName": "a group"}).encode())
    urllib.request.urlopen(call, timeout=30).close()
    secret = rig.key("caller")
    for model in ("gpt-4o", "gpt-4o-mini", "gpt-4.1"):
        call = urllib.request.Request(rig.url + "/v1/chat/completions", headers={
            "authorization": f"Bearer {secret}", "content-type": "application/json"},
            data=json.dumps({"model": model, "messages": [{"role": "user", "content": "Hello"}]}).encode())
        with urllib.request.urlopen(call, timeout=30) as answer:
            answer.read()
    devices = subprocess.run([rig.binary("tidegate-fleet-sim"), "--gateway", rig.control, "--token", token,
                              "--devices", "4", "--interval", "1", "--seconds", "2"],
                             capture_output=True, text=True, timeout=120, check=False)
    if devices.returncode != 0:
        raise RuntimeError(f"tidegate-fleet-sim: exit {devices.returncode}\n{devices.stdout}{devices.stderr}")
    values = {name: [row["id"] for row in rig.api("GET", f"/{path}?limit=3")["items"]] for name, path in lists.items()}
    cursors = [rig.api("GET", f"/{path}?limit=1")["next_cursor"] for path in (*lists.values(), "audit", "requests", "budgets")]
    cursors = [cursor for cursor in cursors if cursor]
    values["cursor"] = cursors + [cursor[:-1] for cursor in cursors[:2]] + [cursor * 40 for cursor in cursors[:2]]
    values["from"] = values["to"] = values["unseen_since"] = TIMES + ["2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z"]
    values["model"], values["provider"] = ["gpt-4o", "gpt-4o-mini"], ["openai", "anthropic"]
    return values


def settings(seed, values):
    """The configuration of schemathesis."""
    def quoted(items):
        # JSON's escapes are TOML's, but for what lies beyond the first plane.
        return json.dumps(items, ensure_ascii=False).replace("\u007f", "\\u007f")

    texts = [f"seed = {seed}", "continue-on-failure = true", "warnings = false", "request-timeout = 20",
             "max-stream-events = 1", f"hooks = {json.dumps(str(HOOKS))}", "[cache]\nenabled = false",
             "[generation]\ndatabase = \"none\"\nwith-security-parameters = false",
             "[dictionaries.odd]\nvalues = " + quoted(ODD)]
    texts += [f"[dictionaries.{name}]\nvalues = {quoted(some)}" for name, some in values.items()]
    texts += ["[generation.dictionaries]\nstring = { dictionary = \"odd\", probability = 0.1 }", "[parameters]"]
    texts += [f"\"query.{name}\" = {{ dictionary = \"{name}\", probability = 0.6 }}" for name in values]
    texts += [f"\"body.{field}\" = {{ dictionary = \"{name}\", probability = 0.6 }}" for field, name in BODIES.items()]
    texts += [f"[checks.{name}]\nenabled = false" for name in OFF]
    return "\n".join(texts) + "\n"


def fuzz(rig, results, seed):
    """Runs schemathesis, and judges each operation by the answers that came."""
    own, other = (rig.api("POST", "/tokens", {"name": name}) for name in ("fuzz", "another"))
    # The session that the rig began with is one of those that the run may end.
    rig.speak_as(own["secret"])
    (rig.folder / "schemathesis.toml").write_text(settings(seed, filled(rig, own["secret"])), encoding="utf-8")
    notes = rig.folder / "notes"
    given = {"control": rig.control, "token": own["secret"], "own": own["token"]["id"], "other": other["token"]["id"],
             "notes": str(notes)}
    began = time.monotonic()
    # What is made of the document alone comes to an end by itself, and so to every operation on any machine.
    made = schemathesis(rig, given, "--phases", "coverage")
    chance = schemathesis(rig, given, "--phases", "fuzzing,stateful", "--max-time", str(SECONDS))
    calls, wrong = defaultdict(Counter), defaultdict(dict)
    for line in notes.read_text(encoding="utf-8").splitlines() if notes.exists() else ():
        note = json.loads(line)
        if "code" in note:
            wrong[note["operation"]].setdefault((note["code"], note["title"], note["said"][:80]), note)
        else:
            calls[note["operation"]][note["status"]] += 1
    # What all this is made from: schemathesis reads it, and calls it no more.
    calls["GET /api/v1/openapi.json"][200] += 1
    for operation in operations(rig):
        said = ", ".join(f"{count} x {status}" for status, count in sorted(calls[operation].items()))
        what = "".join(f"\n       {one['code']}: {one['title']}: {one['said']}\n       {one['sent']} query {one['query']} "
                       f"body {one['body']}\n       answered {one['status']} {one['answer']}"
                       for one in list(wrong[operation].values())[:4])
        results.check(f"{operation} ({said or 'not called'})", calls[operation] and not what, what or "not called")
    trouble = [said for errors, _, said in (made, chance) if errors]
    results.check("schemathesis ran to its end", not trouble, "\n".join(trouble))
    found = any(code for _, code, _ in (made, chance))
    results.check("what schemathesis found is told above", found == any(wrong.values()), made[2] + chance[2])
    total = sum(sum(counts.values()) for counts in calls.values())
    accepted = sum(count for counts in calls.values() for status, count in counts.items() if status < 300)
    print(f"     {total} calls, {accepted} of them accepted, seed {seed}, {time.monotonic() - began:.0f} s", flush=True)
    # So that a run that is refused everywhere does not pass.
    results.check("a twentieth of the calls and more was accepted", accepted * 20 >= total > 0, f"{accepted} of {total}")


def schemathesis(rig, given, *more):
    """Runs it: whether it had trouble of its own, its exit code, and what it said."""
    report = rig.folder / "report.json"
    report.unlink(missing_ok=True)
    ran = subprocess.run(
        [str(Path(sys.executable).parent / "st"), "--config-file", "schemathesis.toml", "--no-color", "run",
         rig.control + "/api/v1/openapi.json", "--report-json-path", str(report), *more],
        cwd=rig.folder, env={**os.environ, "TIDEGATE_FUZZ": json.dumps(given)}, capture_output=True, text=True,
        timeout=SECONDS * 3 + 600, check=False)
    errors = json.loads(report.read_text())["errors"] if report.exists() else ["no report"]
    return bool(errors) or ran.returncode not in (0, 1), ran.returncode, (ran.stdout + ran.stderr)[-6000:]


def operations(rig):
    """All that the document names."""
    with urllib.request.urlopen(rig.control + "/api/v1/openapi.json", timeout=30) as answer:
        document = json.load(answer)
    return [f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item]


def afterwards(rig, results):
    """What has to hold after all that."""
    results.check("the audit log is whole", rig.api("GET", "/audit/verify")["intact"])
    log = rig.log()
    lines = [line for line in log.splitlines() if "admin request failed" in line or "panicked" in line]
    results.check("the gateway's log names no failed request and no panic", not lines, "\n".join(lines[:5]))
    results.check("the gateway is ready", rig.gateway.poll() is None, log[-2000:])


def postgres(rig):
    """A server of our own, gone afterwards."""
    state = {**os.environ, "TIDEGATE_PG_STATE": str(rig.folder / "postgres")}
    script = ROOT / "scripts" / "postgres.sh"
    started = subprocess.run([script, "start"], env=state, capture_output=True, text=True, check=True, timeout=120)
    rig.store = started.stdout.splitlines()[-1]
    return lambda: subprocess.run([script, "stop"], env=state, check=False, timeout=60)


def main():
    """Runs everything on one engine."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--postgres", action="store_true")
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    results, rig = Results(), Rig()
    rig.more_config('[edge]\norganisation = "Fuzz"\n')
    stop = postgres(rig) if chosen.postgres else lambda: None
    try:
        with rig:
            fuzz(rig, results, chosen.seed)
            afterwards(rig, results)
    finally:
        stop()
    return results.close()


if __name__ == "__main__":
    python = CLIENTS / "venv" / "bin" / "python"
    if not python.exists():
        raise SystemExit("the Python for the tests is not installed; run `make setup`")
    if Path(sys.prefix).resolve() != (CLIENTS / "venv").resolve() and "TIDEGATE_FUZZ_PYTHON" not in os.environ:
        os.execv(python, [str(python), *sys.argv])
    sys.exit(main())
