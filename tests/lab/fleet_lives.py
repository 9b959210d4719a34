"""How long processes live that run a certain script, seen from outside: /proc is looked at again and again."""
import threading
import time
from pathlib import Path

OFTEN = 0.004  # seconds between two looks


class Lives:
    """Watches from entering it to leaving it."""

    def __init__(self, script):
        self.script, self.seen, self.over = str(script).encode(), {}, threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def seconds(self):
        """The lives of those that were met, to within two looks."""
        return [last - first for first, last in self.seen.values()]

    def _watch(self):
        others = set()
        while not self.over.is_set():
            now = {path.name for path in Path("/proc").iterdir() if path.name.isdecimal()}
            others &= now
            for number in now - others:
                if not self._is_one(number):
                    # What is to become one is still another program; it has a moment for that.
                    if self._age(number) > 1:
                        others.add(number)
                    continue
                first, _ = self.seen.get(number, (time.monotonic(), None))
                self.seen[number] = (first, time.monotonic())
            time.sleep(OFTEN)

    def _is_one(self, number):
        """Whether a process runs the script, and has not ended."""
        try:
            words = Path("/proc", number, "cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        # Not the client, which has the script's name within a longer word.
        return self.script in words

    @staticmethod
    def _age(number):
        try:
            fields = Path("/proc", number, "stat").read_text().rpartition(")")[2].split()
            return float(Path("/proc/uptime").read_text().split()[0]) - int(fields[19]) / 100
        except (OSError, IndexError):
            return 0
