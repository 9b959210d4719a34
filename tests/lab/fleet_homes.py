"""What people of the fleet have configured: by the clients' own commands where a client has one, by hand
otherwise, credentials in all the places where people put them, and a home that is out to hurt who reads it.
"""
import json
import os
from dataclasses import dataclass
from pathlib import Path

import fleet_machine

STUB = ["python3", "/opt/lab/mcp/stub.py"]
MEMORY = ["npx", "-y", "@modelcontextprotocol/server-memory"]
EVERYTHING = ["npx", "-y", "@modelcontextprotocol/server-everything"]
FILES = ["npx", "-y", "@modelcontextprotocol/server-filesystem@2026.8.31"]
TIME = ["uvx", "mcp-server-time"]
HOST = "mcp.example.com"
REMOTE = f"https://{HOST}/mcp"
SSE = f"https://{HOST}/sse"

# What a server is, whatever it is called.
IS_STUB, IS_MEMORY, IS_EVERYTHING = "path:stub.py", "npm:@modelcontextprotocol/server-memory", "npm:@modelcontextprotocol/server-everything"
IS_FILES, IS_TIME, IS_REMOTE, IS_SSE = "npm:@modelcontextprotocol/server-filesystem", "pypi:mcp-server-time", f"url:{REMOTE}", f"url:{SSE}"
IS_DOCKER = "oci:mcp/fetch"


@dataclass(frozen=True)
class Placed:
    """A server that was configured, and what has to be found of it."""

    user: str
    client: str
    scope: str
    name: str
    identity: str


class Homes:
    """Fills homes and remembers what was put where."""

    def __init__(self, secrets):
        self.secrets, self.placed = secrets, []

    def _put(self, person, client, scope, name, identity):
        self.placed.append(Placed(person.name, client, scope, name, identity))

    def _run(self, person, folder, *command):
        done = person.run("sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", folder, *command, seconds=60)
        if done.code != 0:
            raise RuntimeError(f"{' '.join(map(str, command))}: {done}")

    def write(self, person, path, text):
        """A file of a person's, by hand."""
        target = person.home / path
        for folder in reversed(target.relative_to(person.home).parents):
            (person.home / folder).mkdir(exist_ok=True)
            os.chown(person.home / folder, person.number, person.number)
        target.write_text(text)
        target.chmod(0o600)
        os.chown(target, person.number, person.number)
        return target

    def project(self, person, name):
        """A folder of a person's work."""
        folder = person.home / "work" / name
        self.write(person, f"work/{name}/README.md", f"# {name}\n")
        return folder

    def by_commands(self, person):
        """The four clients of npm, each told by its own command. The memory server has another name in each."""
        new, home = self.secrets.new, person.home
        work = self.project(person, "alpha")
        for scope, folder, name, launch, identity in (
                ("user", home, "memory", MEMORY, IS_MEMORY), ("user", home, "stub", STUB, IS_STUB),
                ("local", work, "everything", EVERYTHING, IS_EVERYTHING),
                ("project", work, "files", [*FILES, str(work)], IS_FILES)):
            token = new(f"claude {scope} env of {name}", "sk-ant-{}")
            self._run(person, folder, "claude", "mcp", "add", "--scope", scope, name, "-e", f"API_KEY={token}", "--", *launch)
            self._put(person, "claude-code", scope, name, identity)
        self._run(person, home, "claude", "mcp", "add", "--scope", "user", "--transport", "http", "remote", REMOTE,
                  "--header", "Authorization: " + new("claude header", "Bearer {}"))
        self._put(person, "claude-code", "user", "remote", IS_REMOTE)
        for name, launch, identity in (("notes", MEMORY, IS_MEMORY), ("stub", STUB, IS_STUB), ("clock", TIME, IS_TIME)):
            self._run(person, home, "codex", "mcp", "add", name, "--env", "TOKEN=" + new(f"codex env of {name}"), "--", *launch)
            self._put(person, "codex", "user", name, identity)
        self._run(person, home, "codex", "mcp", "add", "remote", "--url", REMOTE)
        self._put(person, "codex", "user", "remote", IS_REMOTE)
        self.trusted(person, work)
        for name, launch, identity in (("brain", MEMORY, IS_MEMORY), ("stub", STUB, IS_STUB)):
            self._run(person, home, "gemini", "mcp", "add", "-s", "user", "-e", "KEY=" + new(f"gemini env of {name}"), name, *launch)
            self._put(person, "gemini-cli", "user", name, identity)
        self._run(person, home, "gemini", "mcp", "add", "-s", "user", "-t", "http", "-H", "X-Key: " + new("gemini header"), "remote", REMOTE)
        self._put(person, "gemini-cli", "user", "remote", IS_REMOTE)
        self._run(person, work, "gemini", "mcp", "add", "-s", "project", "everything", *EVERYTHING)
        self._put(person, "gemini-cli", "project", "everything", IS_EVERYTHING)
        for name, launch, identity in (("kv", MEMORY, IS_MEMORY), ("stub", STUB, IS_STUB)):
            self._run(person, home, "opencode", "mcp", "add", name, "--env", "KEY=" + new(f"opencode env of {name}"), "--", *launch)
            self._put(person, "opencode", "user", name, identity)
        self._run(person, home, "opencode", "mcp", "add", "remote", "--url", REMOTE, "--header", "X-Key=" + new("opencode header"))
        self._put(person, "opencode", "user", "remote", IS_REMOTE)

    def quick(self, person):
        """The four clients with the same servers, as their commands would have written it."""
        self.write(person, ".claude.json", json.dumps({"mcpServers": {
            "memory": {"type": "stdio", "command": MEMORY[0], "args": MEMORY[1:], "env": {"KEY": self.secrets.new("claude env")}},
            "stub": {"type": "stdio", "command": STUB[0], "args": STUB[1:], "env": {}}, "remote": {"type": "http", "url": REMOTE}}}, indent=2))
        self.write(person, ".codex/config.toml", "".join(
            f"[mcp_servers.{name}]\ncommand = {json.dumps(launch[0])}\nargs = {json.dumps(launch[1:])}\n\n"
            for name, launch in (("notes", MEMORY), ("stub", STUB))) + f'[mcp_servers.remote]\nurl = "{REMOTE}"\n')
        self.write(person, ".gemini/settings.json", json.dumps({"mcpServers": {
            "brain": {"command": MEMORY[0], "args": MEMORY[1:]}, "stub": {"command": STUB[0], "args": STUB[1:]},
            "remote": {"url": REMOTE, "type": "http"}}}, indent=2))
        self.write(person, ".config/opencode/opencode.jsonc", json.dumps({"$schema": "https://opencode.ai/config.json", "mcp": {
            "kv": {"type": "local", "command": MEMORY}, "stub": {"type": "local", "command": STUB},
            "remote": {"type": "remote", "url": REMOTE}}}, indent=2))
        for client, names in (("claude-code", ("memory", "stub", "remote")), ("codex", ("notes", "stub", "remote")),
                              ("gemini-cli", ("brain", "stub", "remote")), ("opencode", ("kv", "stub", "remote"))):
            for name, identity in zip(names, (IS_MEMORY, IS_STUB, IS_REMOTE)):
                self._put(person, client, "user", name, identity)
        self.trusted(person)

    def trusted(self, person, *folders):
        """The person trusts their folders, as the clients ask once."""
        with open(person.home / ".codex" / "config.toml", "a") as config:
            config.writelines(f'\n[projects."{folder}"]\ntrust_level = "trusted"\n' for folder in folders)
        self.write(person, ".gemini/trustedFolders.json", json.dumps({str(folder): "TRUST_FOLDER" for folder in [person.home, *folders]}))

    def by_hand(self, person):
        """Clients that only have a file, comments and credentials included."""
        new = self.secrets.new
        work = self.project(person, "beta")
        self.write(person, ".cursor/mcp.json", """{
  // The team's servers. Do not sort.
  "mcpServers": {
    "mem": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-memory"], "env": {"TOKEN": "%s"}},
    "gone": {"url": "%s?api_key=%s", "headers": {"X-Api-Key": "%s"}}, /* was better once */
  },
}
""" % (new("cursor env", "ghp_{}"), SSE, new("cursor query"), new("cursor header")))
        self._put(person, "cursor", "user", "mem", IS_MEMORY)
        self._put(person, "cursor", "user", "gone", IS_SSE)
        self.write(person, "work/beta/.cursor/mcp.json", json.dumps({"mcpServers": {"box": {"command": "docker", "args": [
            "run", "-i", "--rm", "-e", "TOKEN=" + new("docker -e"), "mcp/fetch:latest"]}}}))
        self.write(person, ".config/Cursor/User/workspaceStorage/0123abcd/workspace.json", json.dumps({"folder": f"file://{work}"}))
        self._put(person, "cursor", "project", "box", IS_DOCKER)
        self.write(person, ".config/Claude/claude_desktop_config.json", json.dumps({"mcpServers": {
            "remembers": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-memory", "--token", new("flag and value")]},
            "bridge": {"command": "npx", "args": ["-y", "mcp-remote", REMOTE, "--header", "Authorization: " + new("bridge header", "Bearer {}")]}}}, indent=2))
        self._put(person, "claude-desktop", "user", "remembers", IS_MEMORY)
        self._put(person, "claude-desktop", "user", "bridge", IS_REMOTE)
        self.write(person, ".config/Code/User/mcp.json", """{
\t"inputs": [{"id": "key", "type": "promptString", "password": true}],
\t"servers": {
\t\t// comes and goes
\t\t"clock": {"type": "stdio", "command": "env", "args": ["TZ_KEY=%s", "uvx", "mcp-server-time"]},
\t\t"away": {"type": "http", "url": "https://ada:%s@%s:443/mcp/", "headers": {"Authorization": "Bearer ${input:key}"}}
\t}
}
""" % (new("env in front"), new("password in a URL"), HOST))
        self._put(person, "vscode", "user", "clock", IS_TIME)
        self._put(person, "vscode", "user", "away", IS_REMOTE)
        self.write(person, ".continue/config.yaml", f"""name: mine
version: 1.0.0
mcpServers:
  # said to be good
  - name: recall
    command: npx
    args: ["-y", "@modelcontextprotocol/server-memory", "--api-key={new('flag with value')}"]
    env:
      SECRET: {new('continue env')}
""")
        self._put(person, "continue-cli", "user", "recall", IS_MEMORY)
        self.write(person, ".config/goose/config.yaml", f"""GOOSE_PROVIDER: openai
extensions:
  keeper:
    enabled: true
    type: stdio
    cmd: sh
    args: ["-c", "TOKEN={new('in sh -c')} npx -y @modelcontextprotocol/server-memory"]
    envs: {{KEY: {new('goose env')}}}
  far:
    enabled: true
    type: streamable_http
    uri: {REMOTE}
""")
        self._put(person, "goose", "user", "keeper", IS_MEMORY)
        self._put(person, "goose", "user", "far", IS_REMOTE)
        self.write(person, ".codeium/windsurf/mcp_config.json", json.dumps({"mcpServers": {"surf": {"serverUrl": SSE, "headers": {
            "X-Key": new("windsurf header")}}}}))
        self._put(person, "windsurf", "user", "surf", IS_SSE)
        self.write(person, ".config/zed/settings.json", """// Zed settings
{
  "theme": "One Dark",
  "context_servers": {
    "mind": {"source": "custom", "command": "npx", "args": ["-y", "@modelcontextprotocol/server-memory"], "env": {"K": "%s"}},
  },
}
""" % new("zed env"))
        self._put(person, "zed", "user", "mind", IS_MEMORY)

    def hostile(self, person):
        """A home that is out to hurt who reads it. Each file has a good entry beside it that must be found."""
        home, new = person.home, self.secrets.new
        self.write(person, ".claude.json", json.dumps({
            "mcpServers": {"broken": 7, "worse": {"command": ["no"], "args": "no"}, "nothing": {}, "": {"command": "x"},
                           "line\nbreak": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-memory"]},
                           "good": {"command": STUB[0], "args": STUB[1:], "env": {"A": new("beside broken entries")}}},
            "projects": {"/nonexistent": {"mcpServers": []}, "../../etc": 5, str(home): {"mcpServers": {"near": {"url": REMOTE, "type": "http"}}}}}))
        self._put(person, "claude-code", "user", "good", IS_STUB)
        self._put(person, "claude-code", "local", "near", IS_REMOTE)
        outside = Path("/etc/lab-secret.json")
        outside.write_text(json.dumps({"mcpServers": {"stolen": {"command": new("a file of root's")}}}))
        outside.chmod(0o600)
        self.write(person, ".cursor/README", "")
        (home / ".cursor" / "mcp.json").symlink_to(outside)
        self.write(person, ".codeium/windsurf/README", "")
        os.mkfifo(home / ".codeium" / "windsurf" / "mcp_config.json", 0o666)
        self.write(person, ".config/zed/settings.json", '{"context_servers":' + "[" * 200_000)
        self.write(person, ".kiro/settings/mcp.json", '{"mcpServers": {"big": {"command": "' + "x" * (32 << 20) + '"}}}')
        self.write(person, ".continue/config.yaml", "a: &a [x, x]\n" + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}, *{chr(97 + i)}, *{chr(97 + i)}, *{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20)))
        self.write(person, ".junie/mcp/mcp.json/not-a-file", "")
        self.write(person, ".aws/amazonq/mcp.json", '{"mcpServers": {"twice": {"command": "%s"}, "twice": {"command": "npx", "args": ["-y", '
                   '"@modelcontextprotocol/server-memory"]}}, "mcpServers": {"other": {"command": "npx", "args": ["%s"' % (
                       new("a duplicate key"), new("in a broken file")))
        (home / ".gemini").symlink_to("..")
        (home / ".vscode").symlink_to(".vscode")
        (home / ".codex").mkdir()
        (home / ".codex" / "config.toml").symlink_to("/dev/zero")
        self.write(person, ".config/opencode/opencode.json", '\ufeff{"mcp": {"fine": {"type": "local", "command": ["python3", '
                   '"/opt/lab/mcp/stub.py", "--password", "%s"]}}}' % new("a value after --password"))
        self._put(person, "opencode", "user", "fine", IS_STUB)


def warm(person):
    """Each client has started once, so that what it writes at its first start is there."""
    return {name: client.list(person) for name, client in fleet_machine.CLIENTS_BY_NAME.items()}
