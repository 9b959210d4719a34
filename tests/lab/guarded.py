"""Claude Code and Codex behind guardrails: the two ways in which they reach the gateway, what they printed and
wrote, and keys that are planted and searched for."""
import json
import secrets
import subprocess
from contextlib import contextmanager
from urllib.parse import quote

import claude_code
import codex
from rig import wait_for

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
# As a default rule is called, and as what it finds is replaced.
RULE, LABEL = "aws-access-key-id", "AWS_ACCESS_KEY_ID"
# So much of a key's random part is a part of it, wherever it is.
TELLING = 8


class Planted:
    """Keys in the shape of AWS', made up here and good for nothing."""

    def __init__(self):
        self.keys = []

    def key(self):
        """A new one, put together so that this file holds none."""
        while len(set(drawn := "".join(secrets.choice(LETTERS) for _ in range(16)))) < 10:
            pass
        self.keys.append("AK" + "IA" + drawn)
        return self.keys[-1]


def holds(data, *keys):
    """Whether bytes hold any of these keys, or a telling part of one."""
    drawn = [key[4:].encode() for key in keys]
    return any(part[at:at + TELLING] in data for part in drawn for at in range(len(part) - TELLING + 1))


def files_of(folder):
    """The files below, and what is in them. Sockets and what goes away meanwhile are none."""
    for path in sorted(folder.rglob("*")):
        try:
            if path.is_file() and not path.is_symlink():
                yield path, path.read_bytes()
        except OSError:
            continue


def held_in(folder, *keys):
    """The files below that hold any of these keys."""
    return [str(path) for path, data in files_of(folder) if holds(data, *keys)]


class Done:
    """What a client did: its exit code, what it printed, its events."""

    def __init__(self, process):
        self.code, self.out, self.err = process.returncode, process.stdout, process.stderr
        lines = [line for line in process.stdout.splitlines() if line.startswith("{")]
        self.events = [json.loads(line) for line in lines]

    def said(self):
        """Everything that it printed."""
        return (self.out + self.err).encode()

    def result(self):
        """Claude Code's last words."""
        last = self.events[-1] if self.events else {}
        return last if last.get("type") == "result" else {}

    def spoken(self):
        """Codex' words."""
        items = [event["item"] for event in self.events if event.get("type") == "item.completed"]
        return "\n".join(item.get("text", "") for item in items if item["type"] == "agent_message")

    def brief(self):
        """What helps to see why a check failed."""
        return (self.code, self.out[-1200:], self.err[-600:])


class Way:
    """How clients get to the gateway: by their base URL, or, with an agent's lab, unconfigured and steered."""

    def __init__(self, rig, provider, folder, lab=None):
        self.rig, self.provider, self.lab = rig, provider, lab
        self.name = "Edge" if lab else "base URL"
        self.folder = folder / ("edge" if lab else "url")
        self.home = self.folder / "home"
        self.home.mkdir(parents=True)
        self.key = None

    def work(self):
        """A folder of a turn's own."""
        work = self.folder / f"work-{secrets.token_hex(4)}"
        work.mkdir()
        return work

    def _run(self, command, work, environment):
        steered = self.lab.group.run(*command) if self.lab else command
        done = subprocess.run(
            steered, cwd=work, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(self.home), **environment})
        return Done(done)

    def claude(self, work, prompt, *more):
        """A turn of Claude Code, which may use its shell."""
        if self.lab:
            environment = {"ANTHROPIC_API_KEY": "sk-ant-of-the-user"}
        else:
            environment = {"ANTHROPIC_BASE_URL": self.rig.url + "/anthropic", "ANTHROPIC_AUTH_TOKEN": self.key,
                           "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}
        command = [claude_code.BINARY, "-p", "--output-format", "stream-json", "--verbose", *more,
                   "--allowedTools", "Bash", "--", prompt]
        return self._run(command, work, environment)

    def codex(self, work, prompt):
        """A turn of Codex, which may use its shell."""
        home = self.home / ".codex"
        home.mkdir(exist_ok=True)
        more, key = ["-m", codex.MODEL], "sk-of-the-user"
        if not self.lab:
            more, key = [], self.key
            (home / "config.toml").write_text(codex.CONFIG.format(model=codex.MODEL, base_url=self.rig.url + "/openai/v1"))
        command = [codex.binary(), "exec", "--json", "--skip-git-repo-check",
                   "--dangerously-bypass-approvals-and-sandbox", *more, "-C", work, prompt]
        return self._run(command, work, {"CODEX_HOME": str(home), "CODEX_API_KEY": key, "GATEWAY_KEY": key})

    @contextmanager
    def guardrail(self, action, detect=None, **more):
        """A guardrail of a case's own, in force. Gives its name, by which the log tells what it did."""
        name = f"{self.folder.name}-{action['do']}-{secrets.token_hex(3)}"
        definition = {"detect": detect or {"kind": "rules", "groups": ["secrets"]}, "action": action, **more}
        made = self.rig.api("POST", "/guardrails", {"name": name, "definition": definition})
        # A key that was made later is accepted: then this is in force too. It is the case's own key besides.
        self.key = self.rig.key(name)
        try:
            yield name
        finally:
            self.rig.api("DELETE", f"/guardrails/{made['id']}")

    def applied(self, name):
        """What a guardrail did, as the log tells it."""
        def found():
            return self.rig.api("GET", f"/guardrails/findings?guardrail={quote(name)}")["items"]

        rows = wait_for(found, f"`{name}` to be in the log", self.rig.log)
        return [done for row in rows for done in row["applied"] if done["guardrail"] == name and not done["shadow"]]
