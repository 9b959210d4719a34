#!/usr/bin/env python3
"""A laptop to try Edge on, made of nothing but this machine's memory: a person called Ada, with a home and an MCP
configuration of Claude Code, and the real agent, which governs her processes and nobody else's.

    sudo scripts/lab-machine.py [--gateway http://127.0.0.1:8081]

asks for an enrolment token, starts the agent, and opens a shell as Ada. When the shell ends, so does everything: what
was written lay in a mount namespace of its own. The people of this machine and their homes are not there to be seen.
"""
import argparse
import getpass
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests" / "lab"))

import cgroup  # noqa: E402, the path comes first
import machine  # noqa: E402

INSIDE = "TIDEGATE_LAB_MACHINE"
NUMBER = 20_001  # Ada's, whom no process of this machine belongs to
HOSTNAME = "ada-laptop"
SERVERS = {
    "memory": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-memory"]},
    "files": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem", "~/work"]},
    "issues": {"type": "http", "url": "https://mcp.example.com/issues"},
}
SOON = 30  # seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--gateway", default="http://127.0.0.1:8081", help="the gateway's control plane")
    parser.add_argument("command", nargs="*", help="what Ada runs instead of a shell")
    asked = parser.parse_args()
    if os.geteuid() != 0:
        return "run it with sudo: the agent steers sockets in the kernel"
    if not cgroup.root():
        return "no cgroup2 is mounted here, which the agent needs"
    if INSIDE not in os.environ:
        flags = ["unshare", "--mount", "--uts", "--propagation", "private", "--"]
        os.execvpe("unshare", [*flags, sys.executable, *sys.argv], {**os.environ, INSIDE: "1"})
    token = sys.stdin.readline().strip() if not sys.stdin.isatty() else getpass.getpass("Enrolment token (tg-enrol-…): ").strip()
    with cgroup.Cgroup("tidegate-lab-machine") as group:
        return laptop(asked, token, group)


def laptop(asked, token, group):
    """The machine, for as long as Ada works on it."""
    agent = binary()
    machine.FOLDERS.append("/usr/local/bin")
    machine.prepare(agent)
    subprocess.run(["hostname", HOSTNAME], check=True, timeout=10)
    Path("/usr/local/bin/tidegate-edge").unlink(missing_ok=True)
    Path("/usr/local/bin/tidegate-edge").symlink_to(agent)
    ada = machine.Person("ada", NUMBER, group)
    work = ada.home / "work"
    work.mkdir()
    os.chown(work, NUMBER, NUMBER)
    own(ada.home / ".claude.json", json.dumps({"mcpServers": SERVERS}, indent=2) + "\n")
    log = configure(asked.gateway, token, group)
    with open(log, "wb") as out:
        running = subprocess.Popen([agent, "run"], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd="/", start_new_session=True)
    try:
        if not connected(agent, running):
            print(log.read_text(errors="replace")[-2000:], file=sys.stderr)
            return "the agent did not get in; that is what it said"
        print(f"\n{HOSTNAME} is managed now, and this is Ada's shell; `exit` ends it and leaves nothing.\n"
              f"  ~/.claude.json       the MCP servers of her Claude Code\n"
              f"  tidegate-edge status what the agent is doing; its log is {log}\n", flush=True)
        command = asked.command or ["bash", "--norc", "-i"]
        return subprocess.run(ada.command(*command, PS1="ada@ada-laptop:\\w$ ", TERM=os.environ.get("TERM", "dumb")), check=False).returncode
    finally:
        running.terminate()
        try:
            running.wait(timeout=20)
        except subprocess.TimeoutExpired:
            machine.end(running)


def own(path, text):
    """A file of Ada's."""
    path.write_text(text)
    path.chmod(0o600)
    os.chown(path, NUMBER, NUMBER)


def configure(gateway, token, group):
    """What management would put on the machine; where the agent's log goes."""
    folder, state = Path("/etc/tidegate-edge"), machine.MEMORY / "edge"
    folder.mkdir(exist_ok=True)
    state.mkdir(mode=0o711)
    secret = folder / "token"
    secret.write_text(token)
    secret.chmod(0o600)
    (folder / "config.toml").write_text(
        f'[gateway]\nurl = "{gateway}"\nenrolment_token = "file:{secret}"\n\n'
        f'[agent]\nstate = "{state}/state"\nsocket = "{state}/edge.sock"\nuser = "nobody"\n\n[linux]\ncgroup = "{group.path}"\n')
    return state / "agent.log"


def connected(agent, running):
    """Whether the agent has its first policy, as soon as that can be told."""
    end = time.monotonic() + SOON
    while time.monotonic() < end and running.poll() is None:
        said = subprocess.run([agent, "status", "--json"], capture_output=True, text=True, check=False, timeout=20).stdout
        if said.startswith("{") and (view := json.loads(said))["connected"] and view["policy"]:
            return True
        time.sleep(0.2)
    return False


def binary():
    """The agent that was built last."""
    folders = [os.environ.get("TIDEGATE_BIN_DIR"), *(ROOT / "target" / kind for kind in ("trial", "release", "debug"))]
    built = [path for path in (Path(folder, "tidegate-edge") for folder in folders if folder) if path.is_file()]
    if not built:
        raise SystemExit("lab-machine: build the agent first: cargo build --profile trial -p tidegate-edge")
    return max(built, key=lambda path: path.stat().st_mtime)


if __name__ == "__main__":
    sys.exit(main())
