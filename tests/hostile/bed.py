"""What every attack needs: a gateway on loopback, raw connections to it, an honest client beside them, and
what the gateway and its provider say afterwards.
"""
import json
import socket
import sys
import threading
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))

from rig import Rig, wait_for  # noqa: E402, the path comes first

CHAT = "/openai/v1/chat/completions"
# Generous: what does not come within it does not come.
PATIENCE = 10.0


class Bed:
    """A rig with a key, and the ways to look at it. Use it as a context."""

    def __init__(self, config=""):
        self.rig = Rig()
        self.rig.more_config(config)

    def __enter__(self):
        self.rig.__enter__()
        self.key = self.rig.key("honest")
        host, port = self.rig.url.removeprefix("http://").split(":")
        self.address = (host, int(port))
        return self

    def __exit__(self, *what):
        self.rig.__exit__(*what)

    def connect(self):
        """A raw connection."""
        connection = socket.create_connection(self.address, timeout=PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def memory(self, what="VmRSS"):
        """What the gateway holds, in MiB."""
        for line in Path(f"/proc/{self.rig.gateway.pid}/status").read_text().splitlines():
            if line.startswith(what + ":"):
                return int(line.split()[1]) / 1024
        raise RuntimeError(f"no {what}")

    def chat(self, marker, **more):
        """A prompt that the provider can be asked about afterwards."""
        said = {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": marker}], **more}
        return json.dumps(said).encode()

    def call(self, marker="honest", **more):
        """An honest request, whole."""
        body = self.chat(marker, **more)
        return (f"POST {CHAT} HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {self.key}\r\n"
                f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n").encode() + body

    def honest(self):
        """Seconds until an honest client's call on a connection of its own was answered with 200."""
        began = time.monotonic()
        with self.connect() as connection:
            connection.sendall(self.call())
            answers = Answers(connection)
            status = answers.next().status
        if status != 200:
            raise RuntimeError(f"an honest client was answered with {status}")
        return time.monotonic() - began

    def stats(self):
        """The provider's counters."""
        with urllib.request.urlopen(self.rig.provider + "/_standin/stats", timeout=30) as answer:
            return json.load(answer)

    def unwell(self):
        """What is wrong with the gateway, or nothing."""
        if self.rig.gateway.poll() is not None:
            return f"it ended with {self.rig.gateway.returncode}"
        with urllib.request.urlopen(self.rig.control + "/readyz", timeout=10) as answer:
            if answer.status != 200:
                return f"/readyz says {answer.status}"
        bad = [line for line in self.rig.log().splitlines() if '"ERROR"' in line or "panicked" in line]
        return "\n".join(bad[:5])

    def calm(self):
        """Waits until the provider has nothing in flight any more."""
        wait_for(lambda: self.stats()["in_flight"] == 0, "the provider's calls to end", self.rig.log)


class Beside:
    """Honest calls one after another in a thread, for as long as the context is open."""

    def __init__(self, bed):
        self.bed, self.times, self.failures = bed, [], []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._call)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()

    def _call(self):
        while not self._done.is_set() or not self.times:
            try:
                self.times.append(self.bed.honest())
            except (OSError, RuntimeError) as error:
                self.failures.append(f"{type(error).__name__}: {error}")
                if len(self.failures) > 20:
                    return


class Answer:
    """One answer of HTTP/1.1."""

    def __init__(self, status, headers, body, whole):
        self.status, self.headers, self.body, self.whole = status, headers, body, whole


class Answers:
    """Reads answers of HTTP/1.1 from a connection, strictly."""

    def __init__(self, connection):
        self.connection, self.rest, self.closed = connection, b"", False

    def _more(self):
        if self.closed:
            return False
        try:
            piece = self.connection.recv(65536)
        except ConnectionError:
            piece = b""
        self.closed = not piece
        self.rest += piece
        return bool(piece)

    def _until(self, mark):
        while mark not in self.rest:
            if not self._more():
                return None
        found, self.rest = self.rest.split(mark, 1)
        return found

    def _exactly(self, count):
        while len(self.rest) < count and self._more():
            pass
        found, self.rest = self.rest[:count], self.rest[count:]
        return found

    def next(self):
        """The next answer; None when the connection was closed before one began."""
        head = self._until(b"\r\n\r\n")
        if head is None:
            return None
        first, *lines = head.split(b"\r\n")
        status = int(first.split(b" ")[1])
        headers = {name.lower(): value.strip() for name, value in (line.split(b":", 1) for line in lines)}
        if 100 <= status < 200 or status in (204, 304):
            return Answer(status, headers, b"", True)
        if headers.get(b"transfer-encoding") == b"chunked":
            return Answer(status, headers, *self._chunks())
        if b"content-length" in headers:
            length = int(headers[b"content-length"])
            body = self._exactly(length)
            return Answer(status, headers, body, len(body) == length)
        while self._more():
            pass
        body, self.rest = self.rest, b""
        return Answer(status, headers, body, True)

    def _chunks(self):
        body = b""
        while True:
            size = self._until(b"\r\n")
            if size is None:
                return body, False
            length = int(size.split(b";")[0], 16)
            if length == 0:
                return body, self._until(b"\r\n") is not None
            body += self._exactly(length)
            if self._exactly(2) != b"\r\n":
                return body, False


def at(times, share):
    """The time that this share of them are within, in ms."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1000


def raise_descriptors():
    """As many descriptors as are allowed, for us and for what we start; how many those are."""
    import resource
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = min(most, 1 << 17) if most != resource.RLIM_INFINITY else 1 << 17
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    return most
