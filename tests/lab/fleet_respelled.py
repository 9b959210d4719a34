"""How people get round a denial: the same server spelled in another way, in each of the four clients.

Each evasion rewrites the person's own file as an editor would, while the denial is in force.
"""
import json
import os
import tomllib
from dataclasses import dataclass

import fleet_homes
from fleet_homes import REMOTE, STUB

SCRIPT = STUB[1]
HTTP = REMOTE.replace("https:", "http:")
PYTHON = "/usr/bin/python3"


@dataclass(frozen=True)
class Evasion:
    """One way: what the entry says, and what of the denied things it is."""

    name: str
    launch: tuple
    identity: str = fleet_homes.IS_STUB
    beyond: bool = False  # not in the list of the evasions that have to be caught or told

    @property
    def remote(self):
        """Whether the entry is a URL."""
        return self.launch[0].startswith("http")


EVASIONS = (
    Evasion("renamed server", tuple(STUB)),
    Evasion("absolute path", (PYTHON, SCRIPT)),
    Evasion("another spelling of the path", ("python3", "/opt/lab/../lab/./mcp/stub.py")),
    Evasion("env", ("env", "python3", SCRIPT)),
    Evasion("env with a variable", ("/usr/bin/env", "A=b", "python3", SCRIPT)),
    Evasion("sh -c", ("sh", "-c", f"python3 {SCRIPT}")),
    Evasion("sh -c exec", ("/bin/sh", "-c", f"exec python3 -u {SCRIPT}")),
    Evasion("python3 -u", ("python3", "-u", SCRIPT)),
    Evasion("more arguments", ("python3", SCRIPT, "--quiet")),
    Evasion("timeout in front", ("timeout", "3600", "python3", SCRIPT)),
    Evasion("http for https", (HTTP,), fleet_homes.IS_REMOTE),
    Evasion("upper case, port and query", ("https://MCP.example.com:443/mcp?x=1",), fleet_homes.IS_REMOTE),
    Evasion("mcp-remote", ("npx", "-y", "mcp-remote", REMOTE), fleet_homes.IS_REMOTE),
    Evasion("mcp-remote, http", ("npx", "-y", "mcp-remote@0.15.1", HTTP, "--allow-http"), fleet_homes.IS_REMOTE),
    Evasion("sh -c with more in it", ("sh", "-c", f"cd / && python3 {SCRIPT} || true"), beyond=True),
    Evasion("by a link in the home", ("python3", "{home}/mine.py"), beyond=True),
    Evasion("a copy by another name", ("python3", "{home}/copy.py"), beyond=True),
)


def write(person, client, name, launch):
    """The person adds the entry to their file. It is their own editor that writes: a new file in the old one's place."""
    launch = [word.format(home=person.home) for word in launch]
    path = person.home / FILES[client]
    text = path.read_text()
    _replace(person, path, _WRITERS[client](text, name, launch))
    return path


def remove(person, client, name):
    """The person takes the entry out again."""
    path = person.home / FILES[client]
    text = path.read_text()
    if client == "codex":
        kept, skipping = [], False
        for line in text.splitlines(keepends=True):
            if line.startswith("["):
                skipping = line.startswith(f"[mcp_servers.{name}]")
            if not skipping:
                kept.append(line)
        _replace(person, path, "".join(kept))
        return
    known = json.loads(text)
    known[KEYS[client]].pop(name, None)
    _replace(person, path, json.dumps(known, indent=2))


FILES = {"claude-code": ".claude.json", "codex": ".codex/config.toml", "gemini-cli": ".gemini/settings.json",
         "opencode": ".config/opencode/opencode.jsonc"}
KEYS = {"claude-code": "mcpServers", "gemini-cli": "mcpServers", "opencode": "mcp"}


def _json(client, entry):
    def added(text, name, launch):
        known = json.loads(text)
        known.setdefault(KEYS[client], {})[name] = entry(launch)
        return json.dumps(known, indent=2)

    return added


def _toml(text, name, launch):
    lines = [f"[mcp_servers.{name}]"]
    if launch[0].startswith("http"):
        lines.append(f"url = {json.dumps(launch[0])}")
    else:
        lines += [f"command = {json.dumps(launch[0])}", f"args = {json.dumps(list(launch[1:]))}"]
    text = text.rstrip("\n") + "\n\n" + "\n".join(lines) + "\n"
    tomllib.loads(text)  # else the test itself is wrong
    return text


def _claude(launch):
    return {"type": "http", "url": launch[0]} if launch[0].startswith("http") else {
        "type": "stdio", "command": launch[0], "args": list(launch[1:])}


def _gemini(launch):
    return {"httpUrl": launch[0]} if launch[0].startswith("http") else {"command": launch[0], "args": list(launch[1:])}


def _opencode(launch):
    return {"type": "remote", "url": launch[0]} if launch[0].startswith("http") else {"type": "local", "command": list(launch)}


_WRITERS = {"claude-code": _json("claude-code", _claude), "codex": _toml, "gemini-cli": _json("gemini-cli", _gemini),
            "opencode": _json("opencode", _opencode)}


def _replace(person, path, text):
    beside = path.with_name(path.name + ".editor")
    beside.write_text(text)
    beside.chmod(0o600)
    os.chown(beside, person.number, person.number)
    os.rename(beside, path)
