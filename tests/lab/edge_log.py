"""What the gateway's request log says about the calls of one client after the other."""
from rig import wait_for


class Log:
    """The log of a lab, read in steps."""

    def __init__(self, lab):
        self.lab = lab
        self.device = lab.rig.api("GET", "/devices")["items"][0]["id"]
        self._known = set()
        self.mark()

    def mark(self):
        """What is in the log now is known."""
        self._known.update(row["id"] for row in self._latest())

    def new(self):
        """Relayed calls since the mark, newest first."""
        return [row for row in self._latest() if row["id"] not in self._known]

    def _latest(self):
        return [row for row in self.lab.rig.api("GET", "/requests?limit=200")["items"] if row.get("edge")]

    def any(self):
        """Whatever is new, once something is."""
        return self.wait(None)

    def wait(self, operation, least=1, status=None):
        """The new rows of an operation, once they are there: the log is written a moment after the answer."""
        def found():
            rows = [row for row in self.new() if operation in (None, row["operation"]) and status in (None, row["status"])]
            return rows if len(rows) >= least else None

        try:
            return wait_for(found, f"{operation} in the log", seconds=10)
        except RuntimeError:
            return []


def names(row, log, person, app, process):
    """Whether a row says truly who called."""
    origin = row["edge"]
    return (origin["device"] == log.device and origin["app"] == app and origin["os_user"] == person.name
            and origin["process"].endswith(process))


def costs(row):
    """Whether a row has tokens and their cost, as the provider reported them."""
    usage = row["usage"]
    return usage["input"] > 0 and usage["output"] > 0 and usage["source"] == "reported" and row["cost_micro_usd"] > 0


def brief(rows):
    """Rows, for a failure's line."""
    return [(row["operation"], row["status"], row["edge"], row["usage"]["output"], row["cost_micro_usd"]) for row in rows[:5]]
