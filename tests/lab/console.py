#!/usr/bin/env python3
"""The console's story in headless Chromium: sign in through an identity provider, see a device come, find an MCP
server, deny it, watch the effect turn verified, approve it again, read the audit. Nothing is reloaded.

    sudo python3 tests/lab/console.py [--postgres] [--screenshots FOLDER]     (after `make setup` and a build)

Gateway, agent, clients, provider and browser are the real ones, in namespaces that have no way out. Prints a
line per test and closes with `N passed, N failed`.
"""
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))

import console_fleet  # noqa: E402, the path comes first
import console_pages  # noqa: E402
import fleet_api  # noqa: E402
import fleet_homes  # noqa: E402
from fleet_machine import NODE_WHEEL  # noqa: E402
from rig import CLIENTS, ROOT, wait_for  # noqa: E402

PROVIDER = "Example SSO"
DENIED = fleet_homes.IS_MEMORY
SOON = 20_000  # milliseconds


def checks(lab, results):
    with Idp(lab.rig) as idp:
        provided(lab, idp)
        with console_pages.Browser() as browser:
            page = browser.page()
            story(lab, results, page, idp)
            console_fleet.fill(lab)
            console_pages.look(lab, results, browser, shots())
            results.check("no page broke the content security policy or threw", not browser.troubles, browser.troubles[:5])


def story(lab, results, page, idp):
    signed_in(lab, results, page)
    appears(lab, results, page)
    denied(lab, results, page)
    approved(lab, results, page)
    audited(lab, results, page)
    refused(lab, results, page, idp)


def provided(lab, idp):
    """Tells the gateway about the provider, as the break-glass administrator would."""
    client = idp.clients[0]
    lab.rig.api("POST", "/identity-providers", {
        "name": PROVIDER, "issuer": idp.issuer, "client_id": client["client_id"], "client_secret": client["client_secret"],
        "scopes": ["profile", "email", "groups"],
        "rules": [{"group": "tidegate-admins", "role": "admin"}, {"group": "security", "role": "security"}]})


def signed_in(lab, results, page):
    """A stranger at a deep link signs in at the provider and comes out where they wanted to go."""
    page.goto(lab.rig.control + "/devices")
    page.wait_for_url("**/sign-in?*", timeout=SOON)
    results.check("a stranger at /devices is asked to sign in", "return_to=%2Fdevices" in page.url, page.url)
    as_person(page, "alice")
    page.wait_for_url("**/devices", timeout=SOON)
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    kept = cookies.get("tidegate", {})
    results.check("alice is back at /devices, with a cookie that no script reads", kept.get("httpOnly") and kept.get("sameSite") == "Lax", cookies)
    page.get_by_text("No device yet").wait_for(timeout=SOON)
    results.check("and sees that there is no device yet, and how one comes", page.get_by_text("tidegate-edge").first.is_visible(), page.inner_text("body")[:1500])


def as_person(page, who):
    """Signs somebody in at the provider."""
    page.get_by_role("link", name=f"Continue with {PROVIDER}").click()
    page.get_by_label("User").fill(who)
    page.get_by_role("button", name="Sign in", exact=True).click()


def appears(lab, results, page):
    """A machine enrols, and is there."""
    lab.start()
    lab.check_in_every(5)
    lab.known()
    name = lab.device()["hostname"]
    began = time.monotonic()
    page.get_by_role("link", name=name).first.wait_for(timeout=SOON)
    results.check(f"the device appears by itself ({time.monotonic() - began:.1f} s after the gateway knew)", True)
    page.get_by_role("link", name=name).first.click()
    page.wait_for_url("**/devices/dev_*", timeout=SOON)
    page.get_by_role("heading", name=name, level=1).wait_for(timeout=SOON)
    row = page.get_by_role("row").filter(has_text="server-memory").first
    row.wait_for(timeout=SOON)
    results.check("its page names the MCP servers of its clients", row.is_visible())


def denied(lab, results, page):
    """Denied in the catalogue; the device's page turns verified without anybody touching it."""
    watched = page.context.new_page()
    watched.goto(page.url)
    watched.get_by_role("row").filter(has_text="server-memory").first.wait_for(timeout=SOON)
    page.goto(lab.rig.control + "/mcp-servers")
    page.get_by_role("searchbox").fill("server-memory")
    page.wait_for_url("**q=server-memory*", timeout=SOON)
    page.get_by_role("row").filter(has_text="server-memory").first.click()
    page.wait_for_url("**/mcp-servers/" + quote(DENIED, safe="") + "*", timeout=SOON)
    began = time.monotonic()
    page.get_by_role("button", name="Deny", exact=True).first.click()
    if (sure := page.get_by_role("dialog")).is_visible():
        results.check("a denial says how many devices it reaches", "device" in sure.inner_text(), sure.inner_text())
        sure.get_by_role("button", name="Deny").click()
    watched.get_by_role("row").filter(has_text="server-memory").filter(has_text="Verified").first.wait_for(timeout=SOON)
    took = time.monotonic() - began
    effects = lab.settled("denied", identity=DENIED)
    results.check(f"the device's page says verified, {took:.1f} s after the click, not reloaded",
                  effects and all(effect["state"] == "verified" for effect in effects), fleet_api.dump(effects))
    page.get_by_text("verified on").first.wait_for(timeout=SOON)
    results.check("and the server's own page says on how many devices", True)
    watched.close()


def approved(lab, results, page):
    """Approved again."""
    page.get_by_role("button", name="Approve", exact=True).first.click()
    if (sure := page.get_by_role("dialog")).is_visible():
        sure.get_by_role("button", name="Approve").click()
    lab.lifted(identity=DENIED)
    page.get_by_role("heading", level=1).wait_for(timeout=SOON)
    wait_for(lambda: page.get_by_text("Approved", exact=True).first.is_visible(), "the page to say approved")
    results.check("approved again, and nothing of it is left on the machine", True)


def audited(lab, results, page):
    """Who did it, in words, and that the record is whole."""
    page.goto(lab.rig.control + "/audit")
    for did in ("denied", "approved"):
        row = page.get_by_role("row").filter(has_text="Alice Archer").filter(has_text=did).filter(has_text="server-memory").first
        row.wait_for(timeout=SOON)
    results.check("the audit says that Alice Archer denied and approved it", True)
    page.get_by_role("button", name="Verify the chain").click()
    verdict = page.get_by_text("Intact:")
    verdict.wait_for(timeout=SOON)
    results.check(f"and that its chain is whole: {verdict.inner_text()}", True)


def refused(lab, results, page, idp):
    """Who is in no group may not in, and is told so."""
    other = page.context.browser.new_context()
    stranger = other.new_page()
    stranger.goto(lab.rig.control + "/sign-in")
    as_person(stranger, "carol")
    stranger.wait_for_url("**/sign-in?*problem=no_role*", timeout=SOON)
    told = stranger.get_by_role("alert")
    told.wait_for(timeout=SOON)
    results.check("carol, who is in no group, is told that she has no role", "role" in told.inner_text(), stranger.inner_text("body"))
    replay = stranger.goto(lab.rig.control + "/api/v1/sign-in/callback?code=again&state=again")
    results.check("an answer that nobody asked for opens nothing", "problem=" in stranger.url and replay.status == 200, stranger.url)
    other.close()


class Idp:
    """A real OpenID provider, `oidc-provider` from npm."""

    def __init__(self, rig):
        self.rig = rig

    def __enter__(self):
        log = open(self.rig.folder / "idp.log", "wb")  # closed with the process's own copy
        script = CLIENTS / "idp" / "idp.mjs"
        self._process = subprocess.Popen(
            [NODE_WHEEL / "bin" / "node", script, "--redirect", self.rig.control + "/api/v1/sign-in/callback"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        log.close()
        said = json.loads(self._process.stdout.readline())
        self.issuer, self.clients = said["issuer"], said["clients"]
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(timeout=20)


def postgres(rig):
    """A server of our own, in here."""
    state = {**os.environ, "TIDEGATE_PG_STATE": str(rig.folder / "postgres")}
    started = subprocess.run([ROOT / "scripts" / "postgres.sh", "start"], env=state, capture_output=True, text=True, check=True, timeout=120)
    rig.store = started.stdout.splitlines()[-1]
    return lambda: subprocess.run([ROOT / "scripts" / "postgres.sh", "stop"], env=state, check=False, timeout=60)


def shots():
    """Where pictures go, if anywhere."""
    return Path(sys.argv[sys.argv.index("--screenshots") + 1]).resolve() if "--screenshots" in sys.argv else None


if __name__ == "__main__":
    if reason := console_pages.missing():
        print(f"SKIPPED: the console's story was not run: {reason}")
        print("0 passed, 0 failed, the console's story skipped")
        sys.exit(0)
    sys.exit(fleet_api.run("the console's story", checks, before=postgres if "--postgres" in sys.argv else None))
