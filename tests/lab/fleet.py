#!/usr/bin/env python3
"""The fleet on one machine: Claude Code, Codex, Gemini CLI and OpenCode as they come from npm, configured by
two people; the gateway knows all of it, denies a server and an app, and the machine obeys and is restored.

    sudo python3 tests/lab/fleet.py       (after `make setup` and a build)

Gateway, agent, clients and MCP servers are the real ones, in namespaces that have no way out. Prints a line
per test and closes with `N passed, N failed`.
"""
import json
import sys
import time
from pathlib import Path
from urllib.parse import quote

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))

import fleet_api  # noqa: E402, the path comes first
import fleet_homes  # noqa: E402
import fleet_machine  # noqa: E402
import fleet_restored  # noqa: E402
from fleet_app import App  # noqa: E402
from fleet_machine import BINARY_APP, CLIENTS_BY_NAME  # noqa: E402
from rig import wait_for  # noqa: E402

DENIED = fleet_homes.IS_MEMORY
NAMES = {"claude-code": "memory", "codex": "notes", "gemini-cli": "brain", "opencode": "kv"}
REASON = "It keeps what people tell it. Ask the security team."
OTHERS = {"stub", "remote"}
NOT_JSON = ("/healthz", "/readyz", "/metrics", "/edge/authority/certificate", "/events", "/sign-in/")


def checks(lab, results):
    scanned(lab, results)
    usable = baseline(lab, results)
    first = fleet_restored.Files(lab)
    lab.start()
    fleet_api.edge.trust(lab.folder, lab.folder / "lab.crt", lab.state / "ca.pem")
    catalogued(lab, results)
    untouched(lab, results, first)
    before = fleet_restored.Files(lab)
    with App(lab) as app:
        denied(lab, results, usable, app)
        approved(lab, results, usable, app, before)
    exact(lab, results)
    quiet_api(lab, results)
    retired(lab, results, first)
    quiet_files(lab, results)


def scanned(lab, results):
    """Discovery without a daemon: for one's own home, and for all as root."""
    began = fleet_machine.mark()
    for who in (lab.ada, lab.ben, None):
        took, done = lab.scan(who)
        name = who.name if who else "root"
        try:
            found = json.loads(done.out)
        except ValueError:
            results.check(f"scan as {name}", False, done)
            continue
        results.check(f"scan as {name}: ends by itself ({took:.2f} s)", done.code == 0 and took < 10, done)
        mine = [placed for placed in lab.homes.placed if who is None or placed.user == who.name]
        missing = [placed for placed in mine if not _has(found["mcp_servers"], placed)]
        results.check(f"scan as {name}: all {len(mine)} servers are found, with the right identity", not missing,
                      (missing, [(s["client"], s["scope"], s["name"], s["identity"]) for s in found["mcp_servers"]]))
        leaked = lab.secrets.found(done.out + done.err)
        results.check(f"scan as {name}: no planted credential in what it says", not leaked, leaked)
    results.check("scan: nothing was started to be asked", fleet_machine.mark() == began, fleet_machine.starts(began))


def _has(servers, placed):
    def fits(server):
        identity = server["identity"]
        same = identity == placed.identity or (placed.identity.startswith("path:") and identity.startswith(placed.identity))
        # One's own home is nobody else's.
        return same and (server["client"], server["scope"], server["name"]) == (placed.client, placed.scope, placed.name) \
            and server.get("user") in (placed.user, None)

    return any(fits(server) for server in servers)


def baseline(lab, results):
    """What the clients use before anything was decided. Each is started twice: what it writes is written."""
    fleet_homes.warm(lab.ada)
    usable = {}
    for name, client in CLIENTS_BY_NAME.items():
        began = fleet_machine.mark()
        done, usable[name] = client.list(lab.ada)
        started = [" ".join(argv) for argv in fleet_machine.starts(began)]
        runs = name == "codex" or any("server-memory" in line for line in started)  # Codex lists without starting
        results.check(f"{name}: its own list has the memory server, the stub and the remote one", done.code == 0
                      and {NAMES[name], *OTHERS} <= usable[name] and runs, (done, usable[name], started))
    return usable


def catalogued(lab, results):
    """The gateway knows what is on the machine."""
    known = lab.known()
    servers = known["mcp_servers"]
    missing = [placed for placed in lab.homes.placed if not _has(servers, placed)]
    results.check(f"API: all {len(lab.homes.placed)} servers of the machine, with the right identity", not missing, (missing, servers))
    rows = lab.all("/edge/mcp-servers")
    wanted = {placed.identity for placed in lab.homes.placed if not placed.identity.startswith("path:")}
    seen = [row["identity"] for row in rows]
    results.check("API: the catalogue has one row for each of them", wanted <= set(seen) and len(seen) == len(set(seen))
                  and sum(row.startswith(fleet_homes.IS_STUB) for row in seen) == 1, (wanted - set(seen), seen))
    apps = {app["app"]: app for app in known["apps"]}
    expected = {*CLIENTS_BY_NAME, BINARY_APP}
    results.check("API: the apps of the machine", expected <= apps.keys(), sorted(apps))
    versions = {name: apps.get(name, {}).get("version") for name in CLIENTS_BY_NAME}
    results.check("API: and the versions of the four clients", all(versions.values()), versions)


def untouched(lab, results, first):
    """While nothing is denied, no file is touched."""
    _, changed = first.compare()
    results.check("while everything is pending, no file of anybody was touched", not changed, changed)


def denied(lab, results, usable, app):
    """One server and one app, in bulk, by the API."""
    results.check("the app starts and connects while nobody has denied it", app.starts().out.strip() == "it runs"
                  and (said := app.connects()).startswith("status 200"), said)
    began = time.monotonic()
    lab.decide("denied", servers=[DENIED], apps=[BINARY_APP], note=REASON)
    effects = lab.settled("denied", identity=DENIED) + lab.settled("denied", app=BINARY_APP)
    took = time.monotonic() - began
    for effect in effects:
        print("     ", fleet_api.status_line(effect))
    mine = [e for e in effects if e.get("client") in NAMES and e.get("user") == "ada"]
    results.check(f"API: the effects in the four clients are verified ({took:.1f} s after the decision)",
                  {e["client"] for e in mine} == set(NAMES) and all(e["state"] == "verified" for e in mine), fleet_api.dump(mine))
    silent = [placed for placed in lab.homes.placed if placed.identity == DENIED and not any(
        (e.get("client"), e.get("name"), e.get("user")) == (placed.client, placed.name, placed.user) for e in effects)]
    results.check("API: every client that has the server is told of, enforced or not", not silent, silent)
    for name, client in CLIENTS_BY_NAME.items():
        at = fleet_machine.mark()
        done, now = client.list(lab.ada)
        ran = [argv for argv in fleet_machine.starts(at) if any("server-memory" in word for word in argv)]
        results.check(f"{name}: the denied server is neither used nor started", done.code == 0 and NAMES[name] not in now and not ran,
                      (now, ran, done))
        results.check(f"{name}: the others work as before", usable[name] - {NAMES[name]} <= now, (usable[name], now, done))
    said = app.connects()
    results.check(f"the denied app that was running no longer connects: {said}", "status" not in said, said)
    started = app.starts()
    results.check("the denied app does not start", started.code not in (0,) and "it runs" not in started.out, started)
    shown = [e for e in effects if e.get("app") == BINARY_APP]
    results.check("API: the app's effect is verified, by exec and socket", shown and shown[0]["state"] == "verified"
                  and {"exec", "socket"} <= set(shown[0]["means"]), shown)
    view = lab.status()
    results.check("status tells the person why", REASON in json.dumps(view), view)


def approved(lab, results, usable, app, before):
    """Everything is as it was."""
    began = time.monotonic()
    lab.decide("approved", servers=[DENIED], apps=[BINARY_APP])
    lab.lifted(identity=DENIED)
    lab.lifted(app=BINARY_APP)
    took = time.monotonic() - began
    theirs, changed = before.compare()
    results.check(f"approved again: every file of /etc and of the homes is byte for byte as before ({took:.1f} s)", not changed, changed)
    for path, why in theirs:
        print(f"      rewritten by its client: {path}: {why}")
    for name, client in CLIENTS_BY_NAME.items():
        done, now = client.list(lab.ada)
        results.check(f"{name}: its list is as it was", now == usable[name], (now, usable[name], done))
    results.check("approved again: the app starts", wait_for(lambda: app.starts().out.strip() == "it runs", "the app to start"), "")


def exact(lab, results):
    """Denied and approved while no client runs: not one byte, time or owner of any file may differ."""
    before = fleet_restored.Files(lab)
    servers = [DENIED, fleet_homes.IS_REMOTE, fleet_homes.IS_FILES, fleet_homes.IS_EVERYTHING]
    lab.decide("denied", servers=servers)
    for identity in servers:
        lab.settled("denied", identity=identity)
    during = before.paths_changed()
    lab.decide("approved", servers=servers)
    for identity in servers:
        lab.lifted(identity=identity)
    after = before.paths_changed()
    results.check(f"four servers denied and approved with no client running: {len(during)} files changed, none is left so",
                  during and not after, (during, after))


def retired(lab, results, first):
    """The device is removed while a server is denied: the machine is as it was before it was managed."""
    lab.decide("denied", servers=[DENIED], apps=[BINARY_APP])
    lab.settled("denied", identity=DENIED)
    lab.rig.api("DELETE", f"/devices/{lab.device()['id']}")
    try:
        wait_for(lambda: not first.compare()[1], "the files to be as they were", seconds=90)
    except RuntimeError:
        pass  # What differs is told.
    _, changed = first.compare()
    results.check("the device is removed while a server is denied: every file is as before the agent came", not changed, changed)


def quiet_api(lab, results):
    """No credential is in any answer."""
    device = lab.device()["id"]
    described = lab.rig.api("GET", "/openapi.json")["paths"]
    paths = [path.removeprefix("/api/v1") for path, verbs in described.items() if "get" in verbs and not any(
        one["in"] == "query" and one.get("required") for one in verbs["get"].get("parameters", []))]
    paths = [path.replace("{id}", device) if path.startswith("/devices/") else path for path in paths]
    paths = [path for path in paths if "{" not in path and not path.startswith(NOT_JSON)]
    paths += ["/edge/mcp-servers/" + quote(row["identity"], safe="") for row in lab.all("/edge/mcp-servers")]
    leaked = [(path, where) for path in paths if (where := lab.secrets.found_in_json(lab.rig.api("GET", path)))]
    results.check(f"no planted credential in {len(paths)} answers of the API", len(paths) > 30 and not leaked, leaked)


def quiet_files(lab, results):
    """No credential is in any file of gateway and agent."""
    lab.rig.stop_gateway()
    hits = lab.secrets.found_in_files(lab.folder)
    planted = len(lab.secrets.planted)
    results.check(f"none of {planted} planted credentials in the database, the logs and the agent's own files", not hits, hits)
    stolen = [path for path in Path("/etc").rglob("*") if path.is_file() and not path.is_symlink() and path.name != "lab-secret.json"
              and lab.secrets.found(path.read_bytes())]
    results.check("nor in any file of /etc", not stolen, stolen)


if __name__ == "__main__":
    sys.exit(fleet_api.run("the fleet", checks, whole=True))
