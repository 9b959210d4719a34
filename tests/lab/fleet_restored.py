"""Whether a machine's files are as they were: every file of /etc and of the homes, by content, owner and mode."""
import re

import fleet_machine

# What the clients themselves write whenever they are started, for their own use.
THEIRS = {
    r"/\.cache/": "caches and logs of clients",
    r"/\.local/share/opencode/": "OpenCode's log and database",
    r"/\.local/state/opencode/": "OpenCode's own state",
    r"^/etc/ssl/certs/ca-certificates\.crt$": "the lab's own, where it puts the CAs",
}


class Files:
    """All files at one moment."""

    def __init__(self, lab):
        self.folders = ["/etc", lab.ada.home, lab.ben.home]
        self.files = fleet_machine.snapshot(*self.folders)

    def paths_changed(self):
        """Every path that differs now, whoever wrote it."""
        return fleet_machine.changed(self.files, fleet_machine.snapshot(*self.folders))

    def compare(self):
        """What differs now: what clients write themselves, each with what it is, and the rest."""
        theirs, rest = [], []
        for path in self.paths_changed():
            why = next((why for own, why in THEIRS.items() if re.search(own, path)), None)
            (theirs if why else rest).append((path, why) if why else path)
        return theirs, rest
