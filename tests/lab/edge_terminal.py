"""Clients of the terminal, each as it comes: its call is answered, and the gateway's log says whose it was.

After that the same clients without a login shell, so without the variables of `trust install`: what is left
then is the system's store, and who reads it.
"""
import re
import time

import machine
import terminal
from edge_log import brief, costs, names

# Where a client that distrusts us is sent: an app that pinned a host is let past there from then on.
ELSEWHERE = ["api.mistral.ai", "api.deepseek.com", "api.x.ai", "api.together.xyz", "api.cerebras.ai"]
DISTRUST = re.compile(r"certificate|CERT_|PKIX|unable to get local issuer|unknown authority", re.IGNORECASE)
LONGEST = 40  # seconds for one call
UNASKED = "–"


class Row:
    """A line of the table of clients."""

    def __init__(self, name, version, route, result, client=None):
        self.name, self.version, self.route, self.result, self.client, self.alone = name, version, route, result, client, UNASKED


def run(lab, results, person, log):
    """Every client that is here makes its call. Gives the table of them."""
    table = []
    for client in terminal.clients(person, lab.folder):
        if client.there():
            table.append(one(results, person, log, client))
        else:
            print(f"SKIPPED: {client.name}: it is not installed; run `make setup`")
    return table


def one(results, person, log, client):
    """One client's call, its answer, and its row in the log."""
    log.mark()
    started = time.monotonic()
    done = person.run(*client.call, seconds=LONGEST, text=client.text(None), login=client.login, **client.variables)
    took = time.monotonic() - started
    fine = done.code == 0 and client.answered in done.out and not DISTRUST.search(done.err)
    results.check(f"{client.name}: answered, and not configured ({took:.1f} s)", fine, done)
    found = log.wait(client.operation)
    right = found and all(names(row, log, person, client.app, client.process) for row in found)
    results.check(f"{client.name}: the log knows app, person, device{', tokens and cost' if client.priced else ''}",
                  right and (not client.priced or any(costs(row) for row in found)), brief(found or log.new()))
    return Row(client.name, version(person, client), client.route, "governed" if fine and right else "FAILED", client)


def version(person, client):
    """Which one it is."""
    if isinstance(client.version, str):
        return client.version
    told = person.run(*client.version, seconds=LONGEST, **client.variables)
    words = next(iter((told.out or told.err).splitlines()), "?").split()
    return " ".join(words[:3])


def by_the_system_alone(lab, results, person, log, table):
    """Who trusts us where nobody read the variables: an app from a launcher, a service, a job."""
    sent = {}
    for row in table:
        client = row.client
        if not (client and client.login and client.tells):
            continue
        command, host = client.call, None
        if client.probe:
            host = sent.setdefault(client.app, list(ELSEWHERE)).pop(0)
            command = client.probe(host)
        log.mark()
        relayed = lambda: any(new["edge"]["app"] == client.app for new in log.new())  # noqa: E731
        done = person.run(*command, seconds=LONGEST, text=client.text(host), login=False, seen=relayed, **client.variables)
        row.alone = "no" if DISTRUST.search(done.err + done.out) else "yes" if relayed() or log.any() else f"? {done}"
    asked = [row for row in table if row.alone != UNASKED]
    wrong = [(row.name, row.alone) for row in asked if (row.alone == "yes") != row.client.by_system]
    results.check("without the variables those trust us that read the system's store, and no others", asked and not wrong, wrong)


def short_lived(results, person, log):
    """Processes that are gone as soon as they have their answer are known all the same."""
    log.mark()
    calls = 20
    one = machine.shown(["curl", "-s", "-o", "/dev/null", *terminal.CURL])
    done = person.run("sh", "-c", f"for i in $(seq {calls}); do {one} & done; wait", seconds=LONGEST)
    found = log.wait("chat.completions", least=calls)
    results.check(f"{calls} short-lived curls at once: each is known", done.code == 0 and len(found) == calls
                  and all(names(row, log, person, "curl", "/curl") for row in found), (done, len(found), brief(found)))


def show(table):
    """Prints the table of clients."""
    print("\n| client | version | trusts us by | without the variables | result |\n|---|---|---|---|---|")
    for row in table:
        print(f"| {row.name} | {row.version} | {row.route} | {row.alone} | {row.result} |")
    print(flush=True)
