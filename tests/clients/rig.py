"""A gateway in front of the stand-in provider, started for one test run and gone after it.

Both are the real binaries on free loopback ports, with their files in a temporary folder. What a
test needs besides goes the way an operator would go: keys by the command line, the request log by
the admin API.
"""
import json
import os
import secrets
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = ROOT / "target" / "clients"
EMAIL = "admin@localhost"

# The providers by name, which is also their dialect, and the models that each claims.
PROVIDERS = {
    "openai": ["gpt-*", "text-embedding-*", "omni-moderation-*"],
    "anthropic": ["claude-*"],
    "gemini": ["gemini-*"],
    "bedrock": ["eu.anthropic.*", "amazon.*"],
}
# Bedrock's prices differ by region and none are built in: these are made up.
PRICES = '''[[row]]
family = "bedrock"
model = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"
input = "3.00"
cached = "0.30"
output = "15.00"
'''
# Of the two APIs of OpenAI each of these serves one, and is called by its name only.
HALVES = {"openai-chat": "chat", "openai-responses": "responses"}


class Rig:
    """Use it as a context: `with Rig() as rig:`."""

    def __init__(self, binaries=None):
        self.store = "sqlite:tidegate.db"
        self._more_config = ""
        self._more_control = ""
        self._tls = None
        self.provider = None
        self.binaries = Path(binaries or os.environ.get("TIDEGATE_BIN_DIR") or ROOT / "target" / "debug").resolve()
        self._folder = tempfile.TemporaryDirectory(prefix="tidegate-")
        self.folder = Path(self._folder.name)
        self.config = self.folder / "config.toml"
        self._processes = []
        self._token = None

    def more_config(self, text):
        """Adds sections to the gateway's configuration, before it starts."""
        self._more_config += text

    def more_control(self, text):
        """Adds lines to the section of the control plane, before it starts."""
        self._more_control += text

    def answer_by(self, provider):
        """Has this provider answer in the stand-in's place, before it starts: a URL without a path."""
        self.provider = provider

    def serve_tls(self, name, port, certificate, key, ca):
        """Has the gateway serve TLS by this name, before it starts. The paths lie in the rig's folder."""
        self._tls = {"name": name, "port": port, "ca": self.folder / ca}
        self.more_config(f'[listen.data_tls]\ncertificate = "{certificate}"\nkey = "{key}"\n')

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self._processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in reversed(self._processes):
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._folder.cleanup()

    def _start(self):
        if self.provider is None:
            standin = self._spawn("standin", ["tidegate-standin", "--listen", "127.0.0.1:0", "--threads", "2"])
            line = self._first_line(standin, "standin")
            self.provider = "http://" + line.split("http://", 1)[1].strip()
        data, control = self._tls["port"] if self._tls else free_port(), free_port()
        self.url = f"https://{self._tls['name']}:{data}" if self._tls else f"http://127.0.0.1:{data}"
        self.control = f"http://127.0.0.1:{control}"
        (self.folder / "provider-key").write_text("sk-standin-" + secrets.token_hex(8))
        (self.folder / "prices.toml").write_text(PRICES)
        providers = "".join(
            f'\n[[providers]]\nname = "{name}"\ndialect = "{name}"\n'
            f'base_url = "{self.provider}"\napi_key = "file:provider-key"\nmodels = {json.dumps(models)}\n'
            f'websocket = true\n'
            for name, models in PROVIDERS.items())
        providers += "".join(
            f'\n[[providers]]\nname = "{name}"\ndialect = "openai"\nbase_url = "{self.provider}"\n'
            f'api_key = "file:provider-key"\nmodels = ["only-by-name"]\napis = ["{api}"]\n'
            for name, api in HALVES.items())
        self.config.write_text(
            f'[listen]\ndata = "127.0.0.1:{data}"\ncontrol = "127.0.0.1:{control}"\n\n'
            f'[store]\nurl = "{self.store}"\n\n[prices]\nfile = "prices.toml"\n\n[control]\n{self._more_control}{self._more_config}\n{providers}')
        password = self.command("admin", "create", "--email", EMAIL).splitlines()[-1]
        self.start_gateway()
        changed = secrets.token_urlsafe(18)
        signed_in = self.api("POST", "/sessions", {"email": EMAIL, "password": password, "new_password": changed})
        self._token = signed_in["token"]

    def start_gateway(self):
        """Starts the gateway, for the first time or again on the same store."""
        self.gateway = self._spawn("gateway", ["tidegate", "serve", "--config", str(self.config)])
        wait_for(lambda: self._ready(), "the gateway to be ready", self.log)

    def stop_gateway(self):
        """Takes the gateway away."""
        self.gateway.terminate()
        self.gateway.wait(timeout=60)

    def spawn(self, name, command):
        """Starts one of our binaries beside the gateway; it ends with the rig."""
        return self._spawn(name, command)

    def _spawn(self, name, command):
        out = open(self.folder / f"{name}.log", "wb")  # closed with the process's own copy
        process = subprocess.Popen([self.binary(command[0]), *command[1:]], stdin=subprocess.DEVNULL,
                                   stdout=out, stderr=subprocess.STDOUT)
        out.close()
        self._processes.append(process)
        return process

    def _first_line(self, process, name):
        def line():
            if process.poll() is not None:
                raise RuntimeError(f"{name} ended with {process.returncode}:\n{self.log(name)}")
            text = self.log(name)
            return text.split("\n", 1)[0] if "\n" in text else None

        return wait_for(line, f"the first line of {name}", self.log)

    def _ready(self):
        if self.gateway.poll() is not None:
            raise RuntimeError(f"the gateway ended with {self.gateway.returncode}:\n{self.log()}")
        try:
            with urllib.request.urlopen(self.control + "/readyz", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def binary(self, name):
        """The path of one of our binaries."""
        path = self.binaries / name
        if not path.is_file():
            raise SystemExit(f"no {path}; build it with `make build`, or set TIDEGATE_BIN_DIR")
        return str(path)

    def log(self, name="gateway"):
        """What a process has printed so far."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def command(self, *arguments):
        """Runs a `tidegate` command on this gateway's configuration and gives what it printed."""
        done = subprocess.run([self.binary("tidegate"), *arguments, "--config", str(self.config)],
                              capture_output=True, text=True, check=False, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"tidegate {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout.strip()

    def key(self, name, *more):
        """Creates a virtual key by the command line and gives its secret, once the gateway knows it."""
        secret = self.command("key", "create", "--name", name, *more).splitlines()[-1]
        wait_for(lambda: self._accepted(secret), f"key {name} to be accepted", self.log)
        return secret

    def _accepted(self, secret):
        request = urllib.request.Request(self.url + "/v1/models", headers={"authorization": f"Bearer {secret}"})
        trusted = ssl.create_default_context(cafile=self._tls["ca"]) if self._tls else None
        try:
            with urllib.request.urlopen(request, timeout=5, context=trusted):
                return True
        except urllib.error.HTTPError as error:
            return error.code != 401

    def api(self, method, path, body=None):
        """One call of the admin API."""
        request = urllib.request.Request(
            self.control + "/api/v1" + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json",
                     **({"authorization": f"Bearer {self._token}"} if self._token else {})})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                said = answer.read()
                return json.loads(said) if said else None
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode(errors='replace')}") from error

    def speak_as(self, token):
        """Has every further call of the admin API bear this token."""
        self._token = token

    def requests(self, **filters):
        """The rows of the request log, newest first as the API gives them, all pages."""
        rows, cursor = [], None
        while True:
            query = {"limit": 200, **filters, **({"cursor": cursor} if cursor else {})}
            page = self.api("GET", "/requests?" + urllib.parse.urlencode(query))
            rows += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return rows

    def seen(self):
        """The last requests that reached the stand-in."""
        with urllib.request.urlopen(self.provider + "/_standin/requests", timeout=30) as answer:
            return json.load(answer)["requests"]


def free_port():
    """A loopback port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(probe, what, log=lambda: "", seconds=30):
    """The first true thing that the probe gives."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := probe():
            return found
        time.sleep(0.02)
    raise RuntimeError(f"waited {seconds} s for {what}\n{log()}")


class Results:
    """Lines of tests as they come, and the closing line."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, condition, what=""):
        """One more result."""
        if condition:
            self.passed += 1
            print(f"ok   {name}", flush=True)
        else:
            self.failed += 1
            print(f"FAIL {name}: {what}", flush=True)

    def script(self, command, environment):
        """Runs a script that prints lines of results itself, and counts them."""
        process = subprocess.Popen(command, cwd=ROOT / "tests" / "clients", env=environment, text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        failed_before = self.failed
        for line in process.stdout:
            print(line, end="", flush=True)
            self.passed += line.startswith("ok ")
            self.failed += line.startswith("FAIL ")
        if process.wait() != 0 and self.failed == failed_before:
            self.check(Path(command[-2]).name, False, f"ended with {process.returncode} and without a result")

    def close(self):
        """Prints the closing line and gives the exit code."""
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.passed else 0
