#!/usr/bin/env python3
"""The levers of the real clients: what `tidegate-enforce` writes for Claude Code, Codex, Gemini CLI and OpenCode
is what they obey, as each client's own `mcp list` says, and is undone to the byte. No agent and no gateway: the
library's example runs one pass.

    sudo python3 tests/lab/fleet_levers.py      (after `cargo build -p tidegate-enforce --example enforce_pass`)

With names of parts, only those run. Prints a line per test, and closes with `N passed, N failed`.
"""
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))

import fleet_homes  # noqa: E402, the path comes first
import fleet_machine  # noqa: E402
import machine  # noqa: E402
import namespace  # noqa: E402
from fleet_machine import CLIENTS_BY_NAME  # noqa: E402
from fleet_secrets import Secrets  # noqa: E402
from rig import ROOT, Results  # noqa: E402

PASS = (Path(os.environ.get("TIDEGATE_BIN_DIR") or ROOT / "target" / "debug") / "examples" / "enforce_pass").resolve()
STUB = ["python3", "/opt/lab/mcp/stub.py"]
FOLDERS = ["/etc/claude-code", "/etc/codex", "/etc/gemini-cli", "/etc/opencode", "/etc/github-copilot"]
NAMES = ["bad", "good"]
KILLS = 30
SECRET = "tops3cret-value"

# Where each client keeps a user's servers: file, format, keys above the name.
FILES = {
    "claude-code": (".claude.json", "jsonc", ["mcpServers"]),
    "codex": (".codex/config.toml", "toml", ["mcp_servers"]),
    "gemini-cli": (".gemini/settings.json", "jsonc", ["mcpServers"]),
    "opencode": (".config/opencode/opencode.jsonc", "jsonc", ["mcp"]),
}


class NoGroup:
    """Nothing is steered here."""

    def run(self, *command):
        return list(map(str, command))


class Lab:
    """Two people and the passes over their machine."""

    def __init__(self):
        self.ada, self.ben = (machine.Person(name, number, NoGroup()) for name, number in (("ada", 1501), ("ben", 1502)))
        self.homes = fleet_homes.Homes(Secrets())
        self.binary = Path("/opt/enforce_pass")
        shutil.copyfile(PASS, self.binary)
        self.binary.chmod(0o755)

    def fill(self, person, names=None, more=()):
        """The four clients with the same servers."""
        argv = {name: [*STUB, f"--{name}", *more] for name in names or NAMES}
        write = self.homes.write
        write(person, ".claude.json", json.dumps({"hasCompletedOnboarding": True, "mcpServers": {
            name: {"type": "stdio", "command": words[0], "args": words[1:]} for name, words in argv.items()}}, indent=2))
        write(person, ".codex/config.toml", "# mine\n" + "".join(
            f"\n[mcp_servers.{name}] # one\ncommand = '{words[0]}'\nargs = {json.dumps(words[1:])}\n" for name, words in argv.items()))
        write(person, ".gemini/settings.json", json.dumps({"mcpServers": {
            name: {"command": words[0], "args": words[1:]} for name, words in argv.items()}}, indent=2))
        write(person, ".config/opencode/opencode.jsonc", "// mine\n" + json.dumps({"$schema": "https://opencode.ai/config.json", "mcp": {
            name: {"type": "local", "command": words} for name, words in argv.items()}}, indent=2))
        self.homes.trusted(person)

    def located(self, person, client, name, url=None, argv=None, **more):
        """A server as discovery would tell of it."""
        file, form, above = FILES[client]
        argv = argv or [*STUB, f"--{name}"]
        digest = hashlib.sha256(json.dumps([name, url, argv]).encode()).hexdigest()
        local = {} if url else {"command": argv[0], "args": argv[1:]}
        return {"server": {"user": person.name, "client": client, "scope": "user", "config_path": f"~/{file}", "name": name,
                           "identity": f"url:{url}" if url else f"path:{name}", "arguments": digest, "launch": digest,
                           "transport": "http" if url else "stdio", "enabled": True, **local, **({"url": url} if url else {})},
                "raw": {"command": None if url else argv[0], "args": [] if url else argv[1:], "url": url},
                "secret": False, "wrapped": False,
                "entry": {"file": str(person.home / file), "format": form, "keys": [*above, name], "shared": False}, **more}

    def found(self, person, names=None, clients=FILES):
        """What discovery would find in a home."""
        servers = [self.located(person, client, name) for client in clients for name in names or NAMES]
        return {"apps": [], "servers": servers, "coverage": [], "watch": []}

    def run(self, task, person=None, **fields):
        """One pass, as the person or as root."""
        text = json.dumps({"task": task, **fields})
        if person:
            done = person.run(self.binary, seconds=60, text=text)
        else:
            done = machine.run([self.binary], 120, text)
        if done.code != 0:
            raise RuntimeError(f"{task}: {done}")
        return json.loads(done.out)

    def home(self, person):
        return {"user": person.name, "uid": person.number, "gid": person.number, "path": str(person.home)}

    def edits(self, document, person, found):
        """The pass over a home alone, where nobody writes policies for the machine."""
        return self.run("home", person, home=self.home(person), found=found, document=document,
                        settings={"native": False})

    def passes(self, document, found, canary=None):
        """The passes over all homes, then over the machine. `found` is by person."""
        outcomes, homes = [], []
        for person, what in found:
            outcome = self.run("home", person, home=self.home(person), found=what, document=document)
            homes.append([self.home(person), {**what, "servers": what["servers"] + outcome["withheld"]}])
            outcomes.append(outcome)
        outcomes.append(self.run("machine", homes=homes, document=document, canary=canary or {}))
        return outcomes


def policy(default="pending", **decisions):
    """A document that decides about servers by name."""
    rules = [{"identity": name if ":" in name else f"path:{name}", "decision": decision} for name, decision in decisions.items()]
    return {"revision": 1, "check_in_seconds": 60, "hosts": [], "apps": [], "mcp_servers": rules, "default_mcp_decision": default}


def listed(person, clients=FILES):
    """For each client: how its list ended, what it says it uses, and what it started."""
    said = {}
    for client in clients:
        before = fleet_machine.mark()
        done, used = CLIENTS_BY_NAME[client].list(person)
        started = {word.removeprefix("--") for argv in fleet_machine.starts(before) for word in argv if word.startswith("--")}
        said[client] = (done, used, started)
    return said


def expect(results, title, person, used, clients=FILES):
    """Each client uses exactly these servers, and starts no other."""
    for client, (done, said, started) in listed(person, clients).items():
        if said < set(used):  # on a busy machine a server may come too late for its client; a denied one never comes
            before = started
            done, said, started = listed(person, [client])[client]
            started |= before
        right = done.code == 0 and said == set(used) and started <= set(used)
        results.check(f"{title}: {client}", right, (said, started, done))


def wrong(outcomes, state="verified"):
    """Problems, and effects that are not as they should be."""
    return [(outcome["problems"], [effect for effect in outcome["effects"] if effect["state"] != state]) for outcome in outcomes
            if outcome["problems"] or any(effect["state"] != state for effect in outcome["effects"])]


def pictures(lab):
    """Everything that we could have touched."""
    homes = {str(person.home / file): (person.home / file).read_bytes() for person in (lab.ada, lab.ben) for file, _, _ in FILES.values()
             if (person.home / file).exists()}
    return homes, fleet_machine.snapshot(*FOLDERS)


def differ(before, after):
    """The paths that are not as they were, with what is in them now."""
    (homes, etc), (homes_now, etc_now) = before, after
    return {path: homes_now.get(path, b"")[-600:] for path in homes | homes_now if homes.get(path) != homes_now.get(path)}, \
        fleet_machine.changed(etc, etc_now)


def settled(lab):
    """Everything, once the clients have started and written what they write into their own files."""
    listed(lab.ada)
    return pictures(lab)


def denial(lab, results):
    """One denied, one not; twice; approved."""
    lab.fill(lab.ada)
    expect(results, "nothing decided, both are used", lab.ada, NAMES)
    before = pictures(lab)
    both, bad = [(lab.ada, lab.found(lab.ada))], policy(bad="denied")
    outcomes = lab.passes(bad, both)
    results.check("denied: every effect is verified", not wrong(outcomes) and len(outcomes[1]["effects"]) == 4, outcomes)
    expect(results, "denied", lab.ada, ["good"])
    again = lab.passes(bad, both)
    results.check("denied again: nothing is written", not any(outcome["changed"] for outcome in again), again)
    lab.fill(lab.ben, names=["other"])
    expect(results, "somebody who never had the denied server", lab.ben, ["other"])
    for file, _, _ in FILES.values():
        (lab.ben.home / file).unlink()
    approved = lab.passes(policy(bad="approved"), both)
    results.check("approved: every byte is as it was", pictures(lab) == before and not wrong(approved), approved)
    expect(results, "approved", lab.ada, NAMES)


def overruled(lab, results):
    """What a person can say does not bring a denied server back."""
    lab.fill(lab.ada)
    lab.passes(policy(bad="denied"), [(lab.ada, lab.found(lab.ada))])
    lab.fill(lab.ada)  # the homes' edits are gone, the machine's policies stay
    expect(results, "written anew by its owner", lab.ada, ["good"])
    lab.run("undo_home", lab.ada, home=lab.home(lab.ada))
    lab.run("undo_machine")


def homes_alone(lab, results):
    """Without root: edits in the home are enough for each client, and go."""
    lab.fill(lab.ada)
    before, found = settled(lab), lab.found(lab.ada)
    outcome = lab.edits(policy(bad="denied"), lab.ada, found)
    results.check("edits alone: every effect is verified", not wrong([outcome]) and len(outcome["effects"]) == 4, outcome)
    expect(results, "edits alone", lab.ada, ["good"])
    # The organisation has a list of its own: Gemini CLI takes both.
    org = Path("/etc/gemini-cli/settings.json")
    org.parent.mkdir()
    org.write_text('{"mcp": {"excluded": ["other"]}}')
    expect(results, "edits alone, beside an organisation's list", lab.ada, ["good"], ["gemini-cli"])
    shutil.rmtree(org.parent)
    lab.edits(policy(bad="approved"), lab.ada, found)
    after = pictures(lab)
    results.check("edits alone, approved: every byte is as it was", after == before, differ(before, after))


def projects(lab, results):
    """Claude Code's other scopes: a project's own file, which is never edited, and one kept with the user."""
    work = lab.homes.project(lab.ada, "alpha")
    servers = {name: {"type": "stdio", "command": STUB[0], "args": [*STUB[1:], f"--{name}"]} for name in ("bad", "worse", "good")}
    shared = lab.homes.write(lab.ada, "work/alpha/.mcp.json", json.dumps({"mcpServers": servers}))
    local = {"mine": {"type": "stdio", "command": STUB[0], "args": [*STUB[1:], "--mine"]}}
    lab.homes.write(lab.ada, ".claude.json", json.dumps({"hasCompletedOnboarding": True, "projects": {str(work): {
        "hasTrustDialogAccepted": True, "enabledMcpjsonServers": ["bad", "worse", "good"], "mcpServers": local}}}))
    entry = {"file": str(shared), "format": "jsonc", "shared": True}
    found = {"apps": [], "coverage": [], "watch": [], "servers": [
        lab.located(lab.ada, "claude-code", "bad", entry={**entry, "keys": ["mcpServers", "bad"]}),
        lab.located(lab.ada, "claude-code", "worse", secret=True, entry={**entry, "keys": ["mcpServers", "worse"]}),
        lab.located(lab.ada, "claude-code", "mine", entry={"file": str(lab.ada.home / ".claude.json"), "format": "jsonc", "shared": False,
                                                           "keys": ["projects", str(work), "mcpServers", "mine"]})]}
    for located in found["servers"]:
        located["server"]["project"] = f"~/{work.relative_to(lab.ada.home)}"
    client = CLIENTS_BY_NAME["claude-code"]
    _, used = client.list(lab.ada, folder=work)
    results.check("claude-code, in a project: all are used", used == {"bad", "worse", "good", "mine"}, used)
    before, text = (lab.ada.home / ".claude.json").read_bytes(), shared.read_bytes()
    outcomes = lab.passes(policy(bad="denied", worse="denied", mine="denied"), [(lab.ada, found)])
    done, used = client.list(lab.ada, folder=work)
    results.check("claude-code, in a project: the denied ones are gone, one of them by name alone", used == {"good"}, (used, done, outcomes))
    results.check("claude-code, in a project: every effect is verified", not wrong(outcomes), outcomes)
    lab.passes(policy(), [(lab.ada, found)])
    same = (lab.ada.home / ".claude.json").read_bytes() == before and shared.read_bytes() == text
    results.check("claude-code, in a project: every byte is as it was", same, (lab.ada.home / ".claude.json").read_text())


def shared_names(lab, results):
    """One name for different things: nobody loses what is theirs, and Codex starts for everybody."""
    lab.fill(lab.ada)
    lab.homes.write(lab.ben, ".codex/config.toml", '[mcp_servers.bad]\nurl = "https://mcp.example.com/mcp"\n')
    theirs = {"apps": [], "servers": [lab.located(lab.ben, "codex", "bad", url="https://mcp.example.com/mcp")], "coverage": [], "watch": []}
    lab.passes(policy(bad="denied"), [(lab.ada, lab.found(lab.ada)), (lab.ben, theirs)])
    expect(results, "a name that two people use", lab.ada, ["good"])
    expect(results, "and the other's own", lab.ben, ["bad"], ["codex"])
    both = {"bad": "denied", "url:https://mcp.example.com/mcp": "denied"}
    outcomes = lab.passes(policy(**both), [(lab.ada, lab.found(lab.ada)), (lab.ben, theirs)])
    results.check("both denied, over different transports", not wrong(outcomes), outcomes)
    expect(results, "both denied, the one", lab.ada, ["good"])
    expect(results, "both denied, the other", lab.ben, [], ["codex"])
    for person in (lab.ada, lab.ben):
        lab.run("undo_home", person, home=lab.home(person))
    lab.run("undo_machine")
    (lab.ben.home / ".codex/config.toml").unlink()


def urls(lab, results):
    """A denied URL of Claude Code's, in every spelling, and its neighbours, which are not denied."""
    denied = ["https://evil.example.com/mcp", "http://evil.example.com/mcp", "https://EVIL.example.com:443/mcp/", "https://u@evil.example.com/mcp?x=1",
              "https://evil.example.com/mcp/more"]
    free = ["https://evil.example.com/mcpx", "https://evil.example.com/", "https://other.example.com/mcp"]
    servers = {**{f"d{nth}": url for nth, url in enumerate(denied)}, **{f"f{nth}": url for nth, url in enumerate(free)}}
    lab.homes.write(lab.ada, ".claude.json", json.dumps({"mcpServers": {name: {"type": "http", "url": url} for name, url in servers.items()}}))
    found = {"apps": [], "servers": [lab.located(lab.ada, "claude-code", "d0", url=denied[0]),
                                     lab.located(lab.ada, "claude-code", "f1", url=free[1].rstrip("/"))], "coverage": [], "watch": []}
    lab.passes(policy(**{f"url:{denied[0]}": "denied"}), [(lab.ada, found)])
    done, _ = CLIENTS_BY_NAME["claude-code"].list(lab.ada)
    shown = {name for name in servers if f"\n{name}: " in f"\n{done.out}"}
    results.check("claude-code: a denied URL is gone in every spelling, its neighbours stay", shown == {"f0", "f1", "f2"}, (shown, done))
    lab.run("undo_machine")


def allow_list(lab, results):
    """What nobody decided about does not run."""
    lab.fill(lab.ada, names=["good", "new"])
    before = settled(lab)
    found = [(lab.ada, lab.found(lab.ada, ["good", "new"]))]
    outcomes = lab.passes(policy("denied", good="approved"), found)
    results.check("allow-list: every effect is verified", not wrong(outcomes), outcomes)
    expect(results, "allow-list", lab.ada, ["good"])
    lab.passes(policy("denied"), found)
    expect(results, "allow-list with nothing in it", lab.ada, [])
    lab.passes(policy(), found)
    after = pictures(lab)
    results.check("allow-list lifted: every byte is as it was", after == before, differ(before, after))
    # What was never seen: the clients with an allow-list of their own stop it before we look again.
    lab.passes(policy("denied", good="approved"), found)
    lab.fill(lab.ada, names=["good", "unseen"])
    expect(results, "allow-list, never seen", lab.ada, ["good"], ["claude-code", "codex", "gemini-cli"])
    lab.run("undo_home", lab.ada, home=lab.home(lab.ada))
    lab.run("undo_machine")


def secret(lab, results):
    """A command with a credential: it is stopped, and stands in no file that others read."""
    lab.fill(lab.ada, more=[SECRET])
    before = settled(lab)
    servers = [lab.located(lab.ada, client, name, argv=[*STUB, f"--{name}", SECRET], secret=True) for client in FILES for name in NAMES]
    for server in servers:
        server["server"]["args"][-1] = "…"
    found = [(lab.ada, {"apps": [], "servers": servers, "coverage": [], "watch": []})]
    lab.passes(policy(bad="denied"), found)
    expect(results, "with a credential", lab.ada, ["good"])
    lab.passes(policy("denied", good="approved"), found)
    expect(results, "with a credential, allow-list", lab.ada, ["good"])
    leaks = [path for folder in FOLDERS for path in Path(folder).rglob("*") if path.is_file() and SECRET in path.read_text()]
    results.check("with a credential: it is in no file below /etc", not leaks, leaks)
    lab.passes(policy(), found)
    after = pictures(lab)
    results.check("with a credential, lifted: every byte is as it was", after == before, differ(before, after))


def canary(lab, results):
    """The clients are run after their policy was written, and what stops one is taken back."""
    lab.fill(lab.ada)
    programs = {client: f"/usr/local/bin/{program}" for client, program in
                (("claude-code", "claude"), ("codex", "codex"), ("gemini-cli", "gemini"), ("opencode", "opencode"))}
    found, bad = [(lab.ada, lab.found(lab.ada))], policy(bad="denied")
    outcomes = lab.passes(bad, found, programs)
    results.check("canary: no client minds", not wrong(outcomes), outcomes)
    lab.run("undo_machine")
    org = Path("/etc/opencode/opencode.json")
    org.parent.mkdir()
    org.write_text('{"mcp": {"own": "not a server"}}')
    outcomes = lab.passes(bad, found, programs)
    said = [problem for problem in outcomes[1]["problems"] if "without our policy as well" in problem]
    results.check("canary: a client that is broken anyway takes no policy away", json.loads(org.read_text())["mcp"].get("bad")
                  and said and states(outcomes[1], "opencode") == ["verified"], outcomes[1])
    again = lab.passes(bad, found, programs)
    results.check("canary: and is not tried again for it", not again[1]["problems"], again[1])
    lab.run("undo_machine")
    org.unlink()
    taken_back(lab, results, bad, found, programs)
    lab.run("undo_home", lab.ada, home=lab.home(lab.ada))
    lab.run("undo_machine")


def taken_back(lab, results, bad, found, programs):
    """The machine has a server that nobody had seen when the policy was made: with both, Codex starts for nobody."""
    config, ours = Path("/etc/codex/config.toml"), Path("/etc/codex/managed_config.toml")
    config.parent.mkdir(exist_ok=True)
    config.write_text('[mcp_servers.bad]\nurl = "https://203.0.113.9/mcp"\n')
    lab.passes(bad, found)
    stopped = CLIENTS_BY_NAME["codex"].run(lab.ben, "codex", "mcp", "list")
    results.check("canary: without it, what we write stops Codex here", stopped.code != 0 and ours.exists(), stopped)
    lab.run("undo_machine")
    outcomes = lab.passes(bad, found, programs)
    starts = CLIENTS_BY_NAME["codex"].run(lab.ben, "codex", "mcp", "list")
    detail = [effect["detail"] for effect in outcomes[1]["effects"] if effect["item"]["client"] == "codex"]
    results.check("canary: with it, it is taken back, and Codex starts", starts.code == 0 and not ours.exists(), (starts, outcomes[1]))
    results.check("canary: the effect says so", states(outcomes[1], "codex") == ["failed"] and "taken back" in detail[0], outcomes[1])
    results.check("canary: the other clients' policies stay", states(outcomes[1], "opencode") == ["verified"], outcomes[1])
    lab.passes(bad, found, programs)
    results.check("canary: and it is not written again", not ours.exists(), None)
    config.unlink()


def states(outcome, client):
    """The states of a client's effects."""
    return [effect["state"] for effect in outcome["effects"] if effect["item"]["client"] == client]


def damaged(lab, results):
    """Our files are damaged: the next pass mends them."""
    lab.fill(lab.ada)
    found, bad = [(lab.ada, lab.found(lab.ada))], policy(bad="denied")
    lab.passes(bad, found)
    ours = [path for folder in FOLDERS for path in Path(folder).rglob("*") if path.is_file()]
    good = {path: path.read_bytes() for path in ours}
    for damage in ("{]", "", "[1, 2]\n"):
        for path in ours:
            path.write_text(damage)
        lab.passes(bad, found)
        results.check(f"damaged by {damage!r}: mended", {path: path.read_bytes() for path in ours} == good, None)
    lab.run("undo_home", lab.ada, home=lab.home(lab.ada))
    lab.run("undo_machine")


def killed(lab, results):
    """Killed at any moment: every file is whole, and the next pass ends what was begun."""
    lab.fill(lab.ada)
    before, chance, broken = settled(lab), random.Random(4), []
    found = lab.found(lab.ada)
    task = {"homes": [[lab.home(lab.ada), found]]}
    for nth in range(KILLS):
        document = policy(bad="denied" if nth % 2 == 0 else "pending")
        process = subprocess.Popen([str(lab.binary)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        process.stdin.write(json.dumps({"task": "machine", "document": document, **task}))
        process.stdin.close()
        time.sleep(chance.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)
        broken += [str(path) for folder in FOLDERS for path in Path(folder).rglob("*") if path.is_file() and not whole(path)]
    results.check(f"killed {KILLS} times: no file was ever half written", not broken, broken[:3])
    lab.passes(policy(bad="denied"), [(lab.ada, found)])
    expect(results, "after all that", lab.ada, ["good"])
    lab.passes(policy(), [(lab.ada, found)])
    after = pictures(lab)
    results.check("and back: every byte is as it was", after == before, differ(before, after))



def whole(path):
    """Whether a client could read a policy file."""
    try:
        text = path.read_text()
        tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except ValueError:
        return False
    return True


def main():
    if not namespace.inside():
        if reason := namespace.impossible():
            print(f"SKIPPED: the levers were not tried: {reason}")
            print("0 passed, 0 failed, levers skipped")
            return 0
        namespace.enter()
    if not PASS.is_file():
        raise SystemExit(f"no {PASS}; build it")
    fleet_machine.prepare(PASS.parent)
    namespace.prepare()
    results, lab = Results(), Lab()
    for checks in (denial, overruled, homes_alone, projects, shared_names, urls, allow_list, secret, canary, damaged, killed):
        if sys.argv[1:] and checks.__name__ not in sys.argv[1:]:
            continue
        try:
            checks(lab, results)
        except Exception as error:  # One part's trouble is its own result; the others still run.
            results.check(checks.__name__, False, f"{type(error).__name__}: {error}")
    return results.close()


if __name__ == "__main__":
    sys.exit(main())
