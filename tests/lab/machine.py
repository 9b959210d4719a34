"""A disk that only looks like the machine's: whatever is written to its trust stores and accounts goes into
memory, and is gone with the mount namespace; its people's homes are nobody's here. And a person who works on it.

Only inside the namespaces of `namespace.py`.
"""
import os
import shlex
import signal
import subprocess
import tempfile
import time
from pathlib import Path

MEMORY = Path("/media")  # is on every Debian, and empty: what is written lies here
FOLDERS = ["/etc", "/usr/local/share", "/usr/lib/jvm", "/opt", "/var/lib"]
PEOPLE = range(1000, 65534)
PATH = "/usr/local/bin:/usr/bin:/bin"


def prepare(*needed):
    """Puts the layers over the machine's folders, and lets everybody go where the given paths are."""
    _run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", MEMORY)
    for folder in filter(os.path.isdir, FOLDERS):
        cover(folder, os.stat(folder).st_mode & 0o7777)
    (MEMORY / "home").mkdir()
    accounts, lines = Path("/etc/passwd"), []
    for line in accounts.read_text().splitlines():
        fields = line.split(":")
        if int(fields[2]) == 0:
            fields[5] = "/nonexistent"
        if int(fields[2]) not in PEOPLE:
            lines.append(":".join(fields))
    accounts.write_text("\n".join(lines) + "\n")
    for path in needed:
        for above in reversed(Path(path).resolve().parents):
            mode = above.stat().st_mode & 0o7777
            if not mode & 0o001:
                cover(str(above), mode | 0o055)


def cover(folder, mode):
    """A layer over a folder, that takes all that is written."""
    layer = MEMORY / folder.strip("/").replace("/", "-")
    upper, work = layer / "upper", layer / "work"
    for made in (upper, work):
        made.mkdir(parents=True)
    upper.chmod(mode)
    _run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={folder},upperdir={upper},workdir={work}", folder)


def _run(*command):
    subprocess.run(list(map(str, command)), check=True, timeout=60)


class Done:
    """How a command ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __repr__(self):
        return f"exit {self.code}, {self.out[-600:]!r}, {self.err[-900:]!r}"


def run(command, seconds, text="", seen=None):
    """Runs a command to its end, or ends it with all that it started: when it takes too long, or when what
    was to be seen of it has been seen. It writes to files, since what it leaves running may hold a pipe."""
    with (tempfile.TemporaryFile("w+") as told, tempfile.TemporaryFile("w+", errors="replace") as out,
          tempfile.TemporaryFile("w+", errors="replace") as err):
        told.write(text)
        told.seek(0)
        process = subprocess.Popen(list(map(str, command)), stdin=told, stdout=out, stderr=err, cwd="/", start_new_session=True)
        code, until = f"none: ended after {seconds} s", time.monotonic() + seconds
        try:
            while time.monotonic() < until:
                try:
                    code = process.wait(timeout=0.05 if seen else seconds)
                    break
                except subprocess.TimeoutExpired:
                    if seen and seen():
                        code = "none: seen enough"
                        break
        finally:
            end(process)
        out.seek(0)
        err.seek(0)
        return Done(code, out.read(), err.read())


def end(process):
    """Ends a process of its own session, and what it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait(timeout=20)


class Person:
    """Somebody with a home, without rights, whose processes are steered."""

    def __init__(self, name, number, group):
        self.name, self.number, self.group = name, number, group
        self.home = MEMORY / "home" / name
        for file, line in (("/etc/passwd", f"{name}:x:{number}:{number}::{self.home}:/bin/sh"), ("/etc/group", f"{name}:x:{number}:")):
            with open(file, "a") as accounts:
                accounts.write(line + "\n")
        self.home.mkdir()
        os.chown(self.home, number, number)

    def put(self, source, name=None):
        """Copies a file into the home."""
        to = self.home / (name or Path(source).name)
        to.write_bytes(Path(source).read_bytes())
        to.chmod(0o644)
        return to

    def command(self, *command, login=True, **variables):
        """The command line that runs a command as this person: from a login shell, which reads what
        `trust install` wrote, or from none, as a launcher or a service would."""
        known = {"HOME": self.home, "USER": self.name, "LOGNAME": self.name, "LANG": "C.UTF-8", "TERM": "dumb", "PATH": PATH, **variables}
        shell = ["sh", "-l"] if login else ["sh"]
        return self.group.run(
            "setpriv", f"--reuid={self.number}", f"--regid={self.number}", "--clear-groups", "--",
            "env", "-i", *(f"{key}={value}" for key, value in known.items()),
            *shell, "-c", 'cd && exec "$@"', "sh", *command)

    def run(self, *command, seconds=40, text="", login=True, seen=None, **variables):
        """Runs a command as this person to its end."""
        return run(self.command(*command, login=login, **variables), seconds, text, seen)


def shown(command):
    """A command as a person would type it."""
    return shlex.join(map(str, command))
