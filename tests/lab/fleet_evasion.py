#!/usr/bin/env python3
"""Who gets round a denial: in each client, the denied servers are configured anew in other words, and each
client is handed configurations by argument and environment. Caught, or told as not enforceable: nothing may
pass in silence.

    sudo python3 tests/lab/fleet_evasion.py

Prints a line per test and a table, and closes with `N passed, N failed`.
"""
import json
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))

import fleet_api  # noqa: E402, the path comes first
import fleet_homes  # noqa: E402
import fleet_lives  # noqa: E402
import fleet_machine  # noqa: E402
import fleet_respelled  # noqa: E402
from fleet_machine import CLIENTS_BY_NAME  # noqa: E402
from fleet_respelled import EVASIONS  # noqa: E402
from fleet_sessions import session  # noqa: E402
from rig import wait_for  # noqa: E402

CAUGHT_IN = 10  # seconds
AT_ONCE = 1.0  # seconds that a denied server may live which no file names
TIMES = 30
# A client that starts servers one after another, and says how long each lived from its exec on.
STARTS_SERVERS = """
import json, subprocess, time
lives = []
for _ in range({times}):
    server = subprocess.Popen(["python3", "{script}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    began = time.monotonic()
    server.wait()
    lives.append(round(time.monotonic() - began, 4))
print(json.dumps(lives))
"""
MANY = "i=0; while [ $i -lt 1000 ]; do /bin/true; i=$((i+1)); done"
ROLES = (b"run", b"relay", b"hands", b"fleet-executed", b"fleet-home", b"fleet-machine")
SLOW = "Say hello. [[delay:8]]"  # the stand-in answers after so many seconds
# What the API says of a denial that a configuration from elsewhere gets round.
ADVISORY = ("one that is written differently", "the client takes other settings")
# What the API may say of an entry that is denied and still works.
NOT_ENFORCED = {"unsupported", "failed", "shadowed", "pending_restart"}


def checks(lab, results):
    lab.check_in_every(5)
    lab.start()
    fleet_api.edge.trust(lab.folder, lab.folder / "lab.crt", lab.state / "ca.pem")
    (lab.ada.home / "mine.py").symlink_to(fleet_respelled.SCRIPT)
    lab.ada.put(fleet_respelled.SCRIPT, "copy.py")
    lab.known()
    known = [row["identity"] for row in lab.all("/edge/mcp-servers")]
    stub = next((identity for identity in known if identity.startswith(fleet_homes.IS_STUB)), fleet_homes.IS_STUB)
    lab.decide("denied", servers=[stub, fleet_homes.IS_REMOTE])
    lab.settled("denied", identity=stub)
    lab.settled("denied", identity=fleet_homes.IS_REMOTE)
    works(lab, results)
    table = []
    for client in CLIENTS_BY_NAME:
        table += respelled(lab, results, client)
    table += handed(lab, results)
    at_once(lab, results)
    show(table)


def works(lab, results):
    """Every respelling does start the server: else nothing is shown by its not being started."""
    idle = []
    for evasion in (evasion for evasion in EVASIONS if not evasion.remote and evasion.identity != fleet_homes.IS_REMOTE):
        at = fleet_machine.mark()
        done = lab.ada.run(*(word.format(home=lab.ada.home) for word in evasion.launch), login=False)
        if not any(_denied(argv) for argv in fleet_machine.starts(at)):
            idle.append((evasion.name, done))
    results.check("each respelling, by hand, starts the server", not idle, idle)


def respelled(lab, results, client):
    """Entries that the person writes while the denial is in force, one after another; then a list and a session
    of the client, with all of them there."""
    written, rows = {}, {}
    for number, evasion in enumerate(EVASIONS):
        fleet_respelled.write(lab.ada, client, f"evade{number}", evasion.launch)
        written[f"evade{number}"] = (evasion, time.monotonic())
    last = time.monotonic()
    while time.monotonic() - last < CAUGHT_IN and any(not evasion.beyond for name, (evasion, _) in written.items() if name not in rows):
        for effect in lab.effects():
            name = effect["name"]
            if name in written and name not in rows and _is(effect, client, name):
                rows[name] = (written[name][0], effect, time.monotonic() - written[name][1])
        time.sleep(0.05)
    rows |= {name: (evasion, None, time.monotonic() - at) for name, (evasion, at) in written.items() if name not in rows}
    before = len(lab.remote.calls)
    _, used = CLIENTS_BY_NAME[client].list(lab.ada)
    reached = [call for call in lab.remote.calls[before:] if call["path"].split("?")[0] == "/mcp"]
    others = {name for name, (evasion, effect, _) in rows.items() if evasion.beyond and not effect}
    pending = inventory_with(lab, client, others)
    table = []
    for name, (evasion, effect, took) in rows.items():
        state = effect["state"] if effect else "not seen"
        runs = name in used or (evasion.remote and reached and state != "verified")
        how = "caught" if not runs and state == "verified" else "shown" if state in NOT_ENFORCED else "PASSED"
        if how == "PASSED" and evasion.beyond and name in pending:
            how, state = "another", f"a server of its own in the catalogue, pending: {pending[name]}"
        results.check(f"{client}: {evasion.name}: {how} ({state}, {took:.1f} s)", how != "PASSED", (effect, name in used))
        table.append((evasion.name, client, how, "+".join(effect["means"]) if effect else "", took))
    for name, (evasion, _, _) in rows.items():
        if evasion.beyond:
            fleet_respelled.remove(lab.ada, client, name)
    before = len(lab.remote.calls)
    done, started = session(lab.ada, client)
    reached = [call for call in lab.remote.calls[before:] if call["path"].split("?")[0] == "/mcp"]
    results.check(f"{client}: with {len(table)} spellings in its file a session starts and reaches no denied server",
                  not any(_denied(argv) for argv in started) and not reached, (started, reached, done))
    for name in rows:
        fleet_respelled.remove(lab.ada, client, name)
    return table


def inventory_with(lab, client, names):
    """The servers of a client, by name, as soon as those of the given names are known, or after a while."""
    end = time.monotonic() + CAUGHT_IN
    while True:
        found = {one["name"]: one["identity"] for one in lab.inventory()["mcp_servers"] if one["client"] == client}
        if names <= found.keys() or time.monotonic() > end:
            return found
        time.sleep(0.1)


def _is(item, client, name):
    return (item.get("client"), item.get("name"), item.get("user")) == (client, name, "ada")


def _denied(argv):
    return any(word.endswith("stub.py") for word in argv) or any("mcp-remote" in word for word in argv)


def handed(lab, results):
    """Configurations that no file of the client has: by argument, by environment, by another home."""
    ada, table = lab.ada, []
    stub = {"command": "python3", "args": [fleet_respelled.SCRIPT]}
    respelled_stub = {"command": "/usr/bin/env", "args": ["python3", "-u", fleet_respelled.SCRIPT]}
    same = lab.homes.write(ada, "mine/same.json", json.dumps({"mcpServers": {"mine": stub}}))
    other = lab.homes.write(ada, "mine/other.json", json.dumps({"mcpServers": {"mine": respelled_stub}}))
    lab.homes.write(ada, "mine/claude/.claude.json", json.dumps({"mcpServers": {"mine": stub}}))
    lab.homes.write(ada, "mine/codex/config.toml", f'[mcp_servers.mine]\ncommand = "env"\nargs = ["python3", "{fleet_respelled.SCRIPT}"]\n')
    lab.homes.write(ada, "mine/gemini/.gemini/settings.json", json.dumps({"mcpServers": {"mine": stub}}))
    lab.homes.write(ada, "mine/gemini/.gemini/trustedFolders.json", json.dumps({str(ada.home): "TRUST_FOLDER"}))
    opencode = json.dumps({"mcp": {"mine": {"type": "local", "command": ["env", "python3", fleet_respelled.SCRIPT]}}})
    ways = (
        ("--mcp-config, same argv", "claude-code", ["--mcp-config", same], {}, True),
        ("--mcp-config, respelled", "claude-code", ["--mcp-config", other], {}, True),
        ("GEMINI_CLI_SYSTEM_SETTINGS_PATH", "gemini-cli", [], {"GEMINI_CLI_SYSTEM_SETTINGS_PATH": "/nonexistent"}, True),
        ("-c, another server", "codex", ["-c", f'mcp_servers.mine={{command="env", args=["python3", "{fleet_respelled.SCRIPT}"]}}'], {}, False),
        ("OPENCODE_CONFIG_CONTENT", "opencode", [], {"OPENCODE_CONFIG_CONTENT": opencode}, False),
        ("CLAUDE_CONFIG_DIR", "claude-code", [], {"CLAUDE_CONFIG_DIR": ada.home / "mine" / "claude"}, False),
        ("CODEX_HOME", "codex", [], {"CODEX_HOME": ada.home / "mine" / "codex"}, False),
        ("GEMINI_CLI_HOME", "gemini-cli", [], {"GEMINI_CLI_HOME": ada.home / "mine" / "gemini"}, False),
    )
    for name, client, more, variables, named in ways:
        if not named:
            table.append((name, client, *at_work(lab, results, name, client, more, variables)))
            continue
        done, started = session(ada, client, more, **variables)
        passed = any(_denied(argv) for argv in started)
        told = passed and [e for e in lab.effects() if e["client"] == client and (
            e["state"] in NOT_ENFORCED or any(words in (e["detail"] or "") for words in ADVISORY))]
        how = "caught" if not passed else "shown" if told else "PASSED"
        results.check(f"{client}: {name}: {how}", how != "PASSED", (started, done))
        table.append((name, client, how, "", None))
    return table


def at_work(lab, results, name, client, more, variables):
    """What no file brings starts with the client, and is ended at once, whatever the client does: the kernel tells of
    it. Looked at from outside, and then in what the API says."""
    with fleet_lives.Lives(fleet_respelled.SCRIPT) as lives, ThreadPoolExecutor(1) as pool:
        running, ended, found, until = pool.submit(session, lab.ada, client, more, prompt=SLOW, **variables), None, None, None
        while not ended and (until is None or time.monotonic() < until):
            # Earlier ones were told of and are gone from the report by now.
            effects = [e for e in lab.effects() if e["client"] == client and e["decision"] == "denied"]
            ended = next((e for e in effects if "kill" in e["means"] and e["state"] == "verified"), None)
            found = found or next((e for e in effects if e["name"] == "mine" and e["means"]), None)
            if until is None and running.done():
                until = time.monotonic() + CAUGHT_IN
            time.sleep(0.1)
        done, started = running.result()
    if client == "gemini-cli":
        results.check("gemini-cli: takes the rules that are written for it", "Policy file error" not in done.out + done.err, done)
    longest = max(lives.seconds(), default=0)
    is_over = longest < AT_ONCE and ended
    # A look that came in time: other settings were found by the client's own variables, and changed before it read them.
    idle = found and not lives.seconds() and not any(_denied(argv) for argv in started)
    how = "caught" if is_over or idle else "PASSED"
    by = f"ended {longest:.2f} s after its start" if ended else f"its settings were changed: {'+'.join(found['means'])}" if idle else "it ran"
    results.check(f"{client}: {name}: {how} ({by}, met {len(lives.seconds())} times)", how != "PASSED", (lives.seconds(), ended, started, done))
    # So that the next one's effect is its own.
    lab.rig.api("POST", f"/devices/{lab.device()['id']}/scan")
    wait_for(lambda: not [e for e in lab.effects() if "kill" in e["means"]], "the report to be without what has ended", seconds=30)
    return how, "kill" if ended else "", longest if ended else None


def at_once(lab, results):
    """How long a denied server lives, and what it costs that the kernel tells what is executed. The app of one program
    stands for a client: it does as it is told."""
    program = lab.ben.home / ".local" / "bin" / fleet_machine.BINARY_APP
    script = lab.homes.write(lab.ben, "mine/starts.py", STARTS_SERVERS.format(times=TIMES, script=fleet_respelled.SCRIPT))
    done = lab.ben.run(program, script, seconds=120)
    lives = sorted(json.loads(done.out)) if done.code == 0 else []
    p50, p95 = (lives[len(lives) // 2], lives[len(lives) * 95 // 100]) if lives else (None, None)
    results.check(f"{len(lives)} servers that a client starts by itself end after p50 {p50} s, p95 {p95} s from their exec",
                  len(lives) == TIMES and p95 < AT_ONCE, (lives, done))
    for whose, command in (("nobody's", ["sh", "-c", MANY]), ("a client's", [program, "-c", f"import subprocess; subprocess.run(['sh', '-c', {MANY!r}])"])):
        before = quiet_cost()
        ran = lab.ben.run(*command, seconds=120)
        spent = {name: seconds - before.get(name, 0) for name, seconds in cost().items()}
        told = ", ".join(f"{name} {seconds * 1000:.0f}" for name, seconds in sorted(spent.items()) if seconds > 0)
        results.check(f"1,000 programs of {whose}: {sum(spent.values()) * 1000:.0f} ms of the agent's processor time ({told})",
                      ran.code == 0 and sum(spent.values()) < 5, (spent, ran))


def quiet_cost():
    """The cost up to now, once looks that were asked for are over."""
    until, before = time.monotonic() + 40, cost()
    while time.monotonic() < until:
        time.sleep(4)
        before, last = cost(), before
        if sum(before.values()) - sum(last.values()) < 0.05:
            break
    return before


def cost():
    """Processor seconds of the agent's processes up to now, by what they are; with those that have ended below them."""
    spent = {}
    for path in Path("/proc").iterdir():
        if not path.name.isdecimal():
            continue
        try:
            words = (path / "cmdline").read_bytes().split(b"\0")
            fields = (path / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if words[0].endswith(b"tidegate-edge") or words[0] == b"/proc/self/exe":
            name = next((word.decode() for word in words[1:] if word in ROLES), None)
            if name:
                spent[name] = spent.get(name, 0) + sum(map(int, fields[11:15])) / 100
    return spent


def show(table):
    """Evasion by client."""
    clients = list(CLIENTS_BY_NAME)
    print("\n     " + "evasion".ljust(36) + "".join(client.ljust(18) for client in clients))
    for evasion in dict.fromkeys(row[0] for row in table):
        cells = []
        for client in clients:
            row = next((row for row in table if row[:2] == (evasion, client)), None)
            took = f" {row[4]:.1f} s" if row and row[4] is not None else ""
            cells.append(f"{row[2]}{took}" if row else "-")
        print("     " + evasion.ljust(36) + "".join(cell.ljust(18) for cell in cells))
    times = [row[4] for row in table if row[4] is not None and row[2] == "caught"]
    if times:
        print(f"     caught after: median {statistics.median(times):.2f} s, slowest {max(times):.2f} s, of {len(times)}")


if __name__ == "__main__":
    sys.exit(fleet_api.run("evasions", checks))
