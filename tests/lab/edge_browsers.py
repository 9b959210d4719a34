"""Browsers on the stand-in pages: the answer streams into the page, and the log has the conversation."""
import re
import secrets
import shutil
from pathlib import Path

import edge
import pages
from browsers import Chromium, Failed, Firefox
from edge_log import brief, names
from edge_terminal import Row
from rig import wait_for

POLICY = Path("/etc/chromium/policies/managed/tidegate.json")
SURFACES = {"claude.ai": "claude_web", "chatgpt.com": "chatgpt_web"}


def first_start(results, person):
    """A browser that was used before the CA came: Chromium makes its database of certificates by itself, at
    the first page whose certificate it does not know."""
    if Chromium.missing():
        return
    try:
        with Chromium(person, "chromium") as browser:
            browser.visit(f"https://{edge.UNGOVERNED}/")
    except Failed as error:
        if "No usable sandbox" in str(error):
            Chromium.unusable = "its sandbox needs namespaces, which this machine gives to root alone"
            return
        if "ERR_CERT" not in str(error):
            raise
    made = [str(path.relative_to(person.home)) for path in person.home.rglob("cert9.db")]
    results.check(f"Chromium makes its own database of certificates ({', '.join(made)})", len(made) == 1, made)


def by_one_alone(results, person, log, table):
    """Chromium in a home without a database, as of people who come later: the policy does. And where no policy
    tells it, as versions that do not know it: the database does."""
    if Chromium.missing():
        return
    database, away = person.home / ".local" / "share" / "pki", person.home / "away"
    database.rename(away)
    loads(results, person, log, table, "managed policy alone")
    shutil.rmtree(database, ignore_errors=True)
    away.rename(database)
    POLICY.unlink()
    loads(results, person, log, table, "NSS database of the home alone")


def loads(results, person, log, table, route):
    """Whether a page loads, by one of the routes."""
    log.mark()
    try:
        with Chromium(person, "chromium") as browser:
            browser.visit("https://claude.ai/")
        said = "governed"
    except Failed as error:
        said = f"FAILED: {error}"
    results.check(f"Chromium, by the {route}: a page loads", said == "governed" and log.any(), said)
    table.append(Row("Chromium", "the same", route, said))


def run(results, person, log, web):
    """Every browser that is here. Gives their lines of the table."""
    table = []
    for kind, name, app, process, route in ((Chromium, "Chromium", "chromium", "/chromium", "managed policy, NSS database of the home"),
                                            (Firefox, "Firefox", "firefox", "/firefox-esr", "policies.json")):
        if reason := kind.missing():
            print(f"SKIPPED: {name}: {reason}")
            continue
        version = person.run(kind.program, "--version").out
        before = results.failed
        try:
            with kind(person, name.lower()) as browser:
                try:
                    for host in pages.HOSTS:
                        converses(results, person, log, web, browser, host, name, app, process)
                    websocket(results, person, log, browser, name, app, process)
                except Exception as error:
                    results.check(f"{name}: its pages", False, f"{type(error).__name__}: {error}\n{browser.said()[-2000:]}")
        except Failed as error:
            results.check(f"{name}: starts", False, error)
        table.append(Row(name, re.sub(r" built on.*", "", version.strip()), route, "governed" if results.failed == before else "FAILED"))
    if not Chromium.missing():
        no_quic(results, person, web)
    return table


def converses(results, person, log, web, browser, host, name, app, process):
    """A page of a host, opened and asked."""
    log.mark()
    browser.visit(f"https://{host}/")
    turn = secrets.token_hex(6)
    told = browser.tell(f"ask({turn!r})")
    whole = "".join(pages.answer(turn))
    results.check(f"{name} on {host}: the page shows the answer piece by piece", told["text"] == whole
                  and told["pieces"] == len(pages.answer(turn)), told)
    results.check(f"{name} on {host}: over h2, and never told of QUIC",
                  (told["page"], told["protocol"], told["quic"]) == ("h2", "h2", None), told)
    found = log.wait(SURFACES[host])
    row = found[0] if found else None
    results.check(f"{name} on {host}: the log has the conversation, its model and estimated tokens",
                  len(found) == 1 and row["status"] == 200 and row["outcome"] == "completed"
                  and row["model"] == pages.MODELS[host] and row["usage"]["source"] == "estimated"
                  and row["usage"]["input"] > 0 and row["usage"]["output"] > 0, found or brief(log.new()))
    results.check(f"{name} on {host}: the log knows app, person and device", found and names(row, log, person, app, process), brief(found))
    results.check(f"{name} on {host}: the question reached the page's host as it was asked",
                  any(asked["host"] == host and turn in str(asked["body"]) for asked in web.asked), web.asked[-2:])


def websocket(results, person, log, browser, name, app, process):
    """A page's WebSocket, which says back what it is told."""
    log.mark()
    lines = ["hello", "grüße", "x" * 70_000]
    told = browser.tell(f"converse({lines!r})")
    results.check(f"{name}: a WebSocket of the page is carried", told == {"heard": lines, "code": 1000}, str(told)[:300])
    found = log.wait("edge.forward", status=101)
    results.check(f"{name}: the log has the WebSocket, and whose it was",
                  len(found) == 1 and names(found[0], log, person, app, process), brief(found or log.new()))


def no_quic(results, person, web):
    """Told to use QUIC and nothing else, Chromium gets nowhere, and nothing of it gets out."""
    with Chromium(person, "chromium-quic", "--enable-quic", "--origin-to-force-quic-on=claude.ai:443") as browser:
        try:
            browser.visit("https://claude.ai/")
            said = "it got there"
        except Failed as error:
            said = str(error)
    results.check(f"Chromium, forced to use QUIC: {said}", "ERR_" in said, said)
    came = web.datagrams
    web.knock()
    results.check("and not one datagram came to the hosts' QUIC port, where one of an unsteered process does",
                  came == 0 and wait_for(lambda: web.datagrams, "the datagram", seconds=5) == 1, (came, web.datagrams))
