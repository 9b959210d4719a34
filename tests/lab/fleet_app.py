"""An app as a person runs it: one that has been running for a while, and one that is to be started."""
import subprocess

import machine

URL = "https://api.openai.com/v1/models"
WORKS = """
import ssl, sys, urllib.request as web
for line in sys.stdin:
    try:
        call = web.Request(line.strip(), headers={'authorization': 'Bearer sk-of-the-app'})
        print('status', web.urlopen(call, timeout=10).status, flush=True)
    except Exception as error:
        print('refused', type(error).__name__, error, flush=True)
"""


class App:
    """Use it as a context: it runs until the end of it, whatever is decided."""

    def __init__(self, lab):
        self.person, self.program, self.running = lab.ben, lab.app, None

    def __enter__(self):
        self.running = subprocess.Popen(self.person.command(self.program, "-c", WORKS), stdin=subprocess.PIPE, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/", start_new_session=True)
        return self

    def __exit__(self, *_):
        machine.end(self.running)

    def connects(self):
        """What comes of a connection of the one that has been running."""
        try:
            self.running.stdin.write(URL + "\n")
            self.running.stdin.flush()
            return self.running.stdout.readline().strip() or "ended"
        except BrokenPipeError:
            return "ended"

    def starts(self):
        """How a start ends."""
        return self.person.run(self.program, "-c", "print('it runs')")

    def may_start(self):
        """Whether it starts, as soon as that can be told."""
        try:
            done = subprocess.run([self.program, "-S", "-E", "-c", ""], user=self.person.number, group=self.person.number,
                                  extra_groups=[], env={}, cwd="/", capture_output=True, check=False, timeout=20)
        except PermissionError:
            return False
        return done.returncode == 0
