"""A cgroup of one's own, so that only what is put into it is steered: never the machine itself."""
import os
import time
from pathlib import Path


def root():
    """Where cgroup2 is mounted, found by the kind of file system, or None."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        left, right = line.split(" - ", 1)
        if right.split()[0] == "cgroup2":
            return Path(left.split()[4])
    return None


class Cgroup:
    """Use it as a context: made, and removed with whatever still runs in it."""

    def __init__(self, name):
        self.path = root() / f"{name}-{os.getpid()}"

    def __enter__(self):
        self.path.mkdir()
        return self

    def __exit__(self, *_):
        kill = self.path / "cgroup.kill"
        if kill.exists():  # since Linux 5.14
            kill.write_text("1")
        end = time.monotonic() + 10
        while "populated 1" in (self.path / "cgroup.events").read_text() and time.monotonic() < end:
            time.sleep(0.01)
        self.path.rmdir()

    def run(self, *command):
        """The command line that runs a command inside."""
        enter = f'echo $$ > "{self.path}/cgroup.procs" && exec "$@"'
        return ["sh", "-c", enter, "sh", *map(str, command)]
