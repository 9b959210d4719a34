"""Drives Chromium (DevTools protocol) and Firefox (WebDriver BiDi), headless, as a person without rights
and with nothing configured but a profile folder: the debugging port asks for one."""
import json
import re
import shutil
import subprocess
import tempfile
import time

import machine
import websocket

START = 45  # seconds: the first start makes a profile
STEP = 40  # seconds that one step may take


class Failed(Exception):
    """The browser says no."""


class Browser:
    """Use it as a context. A profile's name is that of its folder in the person's home."""

    program = None
    unusable = None  # why it cannot run here, once that was seen

    def __init__(self, person, profile, *more):
        self.person, self.profile = person, person.home / profile
        self._more, self._number = more, 0
        self._said = tempfile.TemporaryFile("w+", errors="replace")

    @classmethod
    def missing(cls):
        """Why it cannot be tried; None where it can."""
        installed = shutil.which(cls.program, path=machine.PATH)
        return cls.unusable if installed else "it is not installed; run `make setup`"

    def __enter__(self):
        self._process = subprocess.Popen(self.person.command(*self.command(), *self._more), stdin=subprocess.DEVNULL,
                                         stdout=self._said, stderr=self._said, start_new_session=True)
        try:
            port, path = self._wait()
            self._socket = websocket.connect("127.0.0.1", port, path, STEP)
            self.begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        machine.end(self._process)

    def said(self):
        """What it wrote to its terminal."""
        self._said.seek(0)
        return self._said.read()

    def _wait(self):
        end = time.monotonic() + START
        while time.monotonic() < end and self._process.poll() is None:
            if found := self.listens():
                return found
            time.sleep(0.02)
        raise Failed(f"it does not start: {self.said()[-1500:]}")

    def call(self, method, parameters, **more):
        """One command, and its answer."""
        self._number += 1
        asked = {"id": self._number, "method": method, "params": parameters, **more}
        self._socket.send(websocket.TEXT, json.dumps(asked).encode())
        while (heard := self.hear()).get("id") != self._number:
            pass
        if heard.get("error"):
            raise Failed(f"{method}: {heard['error']} {heard.get('message', '')}")
        return heard["result"]

    def hear(self):
        """The next thing that it says: an answer or an event."""
        return json.loads(self._socket.receive()[1])


class Chromium(Browser):
    """Chromium, by its DevTools port."""

    program = "chromium"

    def command(self):
        (self.profile / "DevToolsActivePort").unlink(missing_ok=True)
        return [self.program, "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={self.profile}",
                "--no-first-run", "--disable-gpu", "about:blank"]

    def listens(self):
        """The port and path, once they are written down."""
        written = self.profile / "DevToolsActivePort"
        lines = written.read_text().splitlines() if written.exists() else []
        return (int(lines[0]), lines[1]) if len(lines) == 2 else None

    def begin(self):
        target = self.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        self._session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        self.call("Page.enable", {}, sessionId=self._session)

    def visit(self, url):
        """Opens a page and waits until it is loaded."""
        opened = self.call("Page.navigate", {"url": url}, sessionId=self._session)
        if error := opened.get("errorText"):
            raise Failed(error)
        while self.hear().get("method") != "Page.loadEventFired":
            pass

    def tell(self, expression):
        """What a promise of the page comes to."""
        told = self.call("Runtime.evaluate", {"expression": f"{expression}.then(JSON.stringify)", "awaitPromise": True,
                                              "returnByValue": True}, sessionId=self._session)
        if error := told.get("exceptionDetails"):
            raise Failed(error.get("exception", {}).get("description") or error)
        return json.loads(told["result"]["value"])


class Firefox(Browser):
    """Firefox, by its BiDi port."""

    program = "firefox-esr"

    def command(self):
        return [self.program, "--headless", "--no-remote", "--profile", self.profile, "--remote-debugging-port", "0", "about:blank"]

    def __enter__(self):
        self.profile.mkdir(exist_ok=True)
        shutil.chown(self.profile, self.person.number, self.person.number)
        return super().__enter__()

    def listens(self):
        """The port that it says it listens on."""
        found = re.search(r"WebDriver BiDi listening on ws://[^:]+:(\d+)", self.said())
        return (int(found[1]), "/session") if found else None

    def begin(self):
        self.call("session.new", {"capabilities": {}})
        self._context = self.call("browsingContext.getTree", {})["contexts"][0]["context"]

    def visit(self, url):
        """Opens a page and waits until it is loaded."""
        self.call("browsingContext.navigate", {"context": self._context, "url": url, "wait": "complete"})

    def tell(self, expression):
        """What a promise of the page comes to."""
        told = self.call("script.evaluate", {"expression": f"{expression}.then(JSON.stringify)", "awaitPromise": True,
                                             "target": {"context": self._context}})
        if told["type"] != "success":
            raise Failed(told["exceptionDetails"]["text"])
        return json.loads(told["result"]["value"])
