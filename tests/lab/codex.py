"""Codex, as it comes from npm, turned to the gateway by its base URL alone.

Two ways to do so: a model provider of its own in config.toml, which speaks plain HTTP, and the
built-in provider with another base URL, which speaks over a WebSocket where it is let to. Both are compared
with the first way straight to the provider.
"""
import json
import secrets
import statistics
import subprocess
import time

from rig import CLIENTS

MODEL = "gpt-5.4"
RUNS = 5
MOST_ADDED = 1.0  # seconds
CONFIG = """
model = "{model}"
model_provider = "governed"
[model_providers.governed]
name = "Governed"
base_url = "{base_url}"
wire_api = "responses"
env_key = "GATEWAY_KEY"
"""


def binary():
    """The binary of the platform package; the folder in between is named after the platform."""
    vendor = CLIENTS / "node" / "node_modules" / "@openai" / "codex-linux-x64" / "vendor"
    return next(iter(vendor.glob("*/bin/codex")), vendor / "codex")


class Codex:
    """Codex with a home of its own, settled on one base URL."""

    def __init__(self, home, name, base_url, key, websocket=False):
        self.home = home
        self.codex_home = home / f"codex-{name}"
        self.codex_home.mkdir()
        self.more = []
        self.key = key
        if websocket:
            self.more = ["-m", MODEL, "-c", f'openai_base_url="{base_url}"']
        else:
            (self.codex_home / "config.toml").write_text(CONFIG.format(model=MODEL, base_url=base_url))

    def turn(self):
        """One turn that reads a file with the shell tool: the file's word, events, seconds."""
        work = self.home / f"work-{secrets.token_hex(4)}"
        work.mkdir()
        word = "word-" + secrets.token_hex(6)
        (work / "word.txt").write_text(word + "\n")
        prompt = 'What is in the file? [[tool:exec_command {"cmd":"cat word.txt"}]]'
        started = time.monotonic()
        done = subprocess.run(
            [binary(), "exec", "--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox",
             *self.more, "-C", work, prompt],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(self.home), "CODEX_HOME": str(self.codex_home),
                 "GATEWAY_KEY": self.key, "CODEX_API_KEY": self.key})
        took = time.monotonic() - started
        if done.returncode != 0:
            raise RuntimeError(f"codex ended with {done.returncode}: {done.stdout[-1500:]} {done.stderr[-1500:]}")
        return word, [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")], took


def check(rig, home, key, results):
    """The turns both ways, and how much longer than straight to the provider they take."""
    ways = {
        "direct": Codex(home, "direct", rig.provider + "/v1", "sk-direct"),
        "by its own provider": Codex(home, "http", rig.url + "/openai/v1", key),
        "by the unified route": Codex(home, "unified", rig.url + "/v1", key),
        "by the built-in provider, over a WebSocket": Codex(home, "websocket", rig.url + "/openai/v1", key, True),
    }
    for name, codex in ways.items():
        completes(name, codex, results)
    times = {name: [] for name in ways}
    for _ in range(RUNS):  # in turn, so that a busy moment of the machine hits all alike
        for name, codex in ways.items():
            times[name].append(codex.turn()[2])
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    for name, median in medians.items():
        print(f"     codex {name}: median {median:.3f} s of {RUNS}", flush=True)
        if name != "direct":
            added = median - medians["direct"]
            results.check(f"codex {name}: under {MOST_ADDED:.0f} s more than direct ({added * 1000:+.0f} ms)",
                          added < MOST_ADDED, times)
    sent = [seen for seen in rig.seen() if seen["path"].startswith("/v1/responses")]
    results.check("codex: the provider never sees the virtual key", sent and key not in json.dumps(sent),
                  [(seen["method"], seen["path"]) for seen in sent][:5])
    opened = [seen for seen in sent if seen["method"] == "GET" and seen["status"] == 101]
    results.check("codex: the built-in provider spoke over WebSockets, to the end of each turn",
                  RUNS < len(opened) <= 2 * (RUNS + 1), len(opened))


def completes(name, codex, results):
    """One turn, looked at closely."""
    word, events, _ = codex.turn()
    ran = [event["item"] for event in events if event["type"] == "item.completed"
           and event["item"]["type"] == "command_execution"]
    results.check(f"codex {name}: the shell tool ran and gave the file's word",
                  len(ran) == 1 and ran[0]["exit_code"] == 0 and word in ran[0]["aggregated_output"], ran)
    results.check(f"codex {name}: completes the turn, with usage",
                  events[-1]["type"] == "turn.completed" and events[-1]["usage"]["output_tokens"] > 0, events[-1])
