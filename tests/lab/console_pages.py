"""The console's pages in headless Chromium: each is opened in light and dark, wide and narrow, checked by axe,
and photographed where that is asked for."""
import shutil
import sys
from urllib.parse import quote

import console_pictures
from rig import CLIENTS, ROOT

CHROMIUM = shutil.which("chromium") or ""
AXE = ROOT / "console" / "node_modules" / "axe-core" / "axe.min.js"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
LOOKS = [("light", WIDE, "wide"), ("dark", WIDE, "wide"), ("light", NARROW, "narrow"), ("dark", NARROW, "narrow")]
SOON = 20_000  # milliseconds


def missing():
    """Why the pages cannot be opened; None where they can."""
    # Last, and only now: packages there are called as folders here are.
    sys.path.extend(map(str, (CLIENTS / "venv").glob("lib/python*/site-packages")))
    try:
        import playwright.sync_api  # noqa: F401, only whether it is there
    except ImportError:
        return "no playwright; run `make setup`"
    if not CHROMIUM:
        return "no Chromium; run `make setup`"
    if not (CLIENTS / "idp" / "node_modules" / "oidc-provider").is_dir():
        return "no oidc-provider; run `make setup`"
    return None


class Browser:
    """Use it as a context. Remembers what pages complained of."""

    def __enter__(self):
        from playwright.sync_api import sync_playwright
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        self._context = self._browser.new_context(viewport=WIDE, reduced_motion="reduce")
        self.troubles = []
        return self

    def __exit__(self, *_):
        self._browser.close()
        self._playwright.stop()

    def page(self):
        """A page whose errors are kept."""
        return self._heard_of(self._context)

    def lax_page(self):
        """The same person's, without the policy on content: what judges a page is a script that is not its own."""
        state = self._context.storage_state()
        return self._heard_of(self._browser.new_context(storage_state=state, bypass_csp=True, reduced_motion="reduce"))

    def stranger(self):
        """A page of nobody who is signed in, without the policy on content."""
        return self._heard_of(self._browser.new_context(bypass_csp=True, reduced_motion="reduce"))

    def _heard_of(self, context):
        page = context.new_page()
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda said: self._heard(said))
        return page

    def _heard(self, said):
        # What a refused call says in the log is the page's business, and shown by it.
        if said.type == "error" and "Failed to load resource" not in said.text:
            self.troubles.append(said.text)


def click(name, role="button"):
    """Opens what a button of the page opens."""
    return lambda page: page.get_by_role(role, name=name, exact=True).first.click()


def press(keys):
    """Opens what a key opens."""
    return lambda page: page.keyboard.press(keys)


def pages(lab):
    """Every page, panel and dialog: its name, where it is, what is done there, and what it shows."""
    # One whose owner is known: what people look at most.
    device = max(lab.all("/devices"), key=lambda one: (one["user"] is not None, one["mcp_servers"] + one["apps"]))
    servers = {one["identity"]: one for one in lab.all("/edge/mcp-servers")}
    server = max(servers.values(), key=lambda one: (one["decision"] == "denied", one["devices"]))
    app = max(lab.all("/edge/apps?present=true&limit=200"), key=lambda one: (one["decision"] == "denied", (one["installed"] or {}).get("devices", 0)))
    placed = "/mcp-servers/" + quote(server["identity"], safe="")
    calls = {row["outcome"]: row["id"] for row in lab.rig.requests() if row["outcome"] != "completed" or row["cost_micro_usd"]}
    keys, users, teams = lab.all("/keys?limit=200"), lab.all("/users?limit=200"), lab.all("/teams")
    key = next((one["id"] for one in keys if one["name"] == "fraud-scoring"), keys and keys[0]["id"])
    wish = next((one["id"] for one in lab.all("/edge/access-requests") if one["state"] == "open"), None)
    guarded = next((row["id"] for row in lab.rig.requests() if lab.rig.api("GET", f"/requests/{row['id']}").get("guardrails")), None)
    return [(name, path, act, about) for name, path, act, about in [
        ("overview", "/", None, "What waits for a decision, what changed, spend and denials over time."),
        ("devices", "/devices", None, "The fleet, with filters that live in the address and can be saved."),
        ("devices-denied", "/devices?approval=denied", None, "The same, only devices with something denied on them."),
        ("devices-enrol", "/devices", click("Enrol devices"), "How devices get here."),
        ("device", f"/devices/{device['id']}", None, "One device: its MCP servers and what holds for each."),
        ("device-apps", f"/devices/{device['id']}?tab=apps", None, "Its apps, with versions and what they did."),
        ("device-effects", f"/devices/{device['id']}?tab=effects", None, "Whether each decision is in force, by which means, as the device found."),
        ("device-activity", f"/devices/{device['id']}?tab=activity", None, "Its calls, and what was decided about it."),
        ("device-coverage", f"/devices/{device['id']}?tab=coverage", None, "Where the agent looked, and what it found there."),
        ("apps", "/apps", None, "The catalogue of apps."),
        ("app", f"/apps/{app['app']}", None, "One app: the decision, its effect on the fleet, overrides, versions, history."),
        ("mcp-servers", "/mcp-servers", None, "The catalogue of MCP servers, one row each however they are spelled."),
        ("mcp-server", placed, None, "One server: the decision, its effect, tools, launches, where it was found."),
        ("mcp-server-decide", placed, click("Scope and note…"), "A decision for a team or one device, with a note to people."),
        ("access-requests", "/access-requests", None, "What people asked for at their machines."),
        ("access-request", f"/access-requests?request={wish}", None, "One of them, with the answer.") if wish else (None,) * 4,
        ("requests", "/requests", None, "The request log."),
        ("request", f"/requests/{calls.get('completed')}", None, "One call: identity, limits, route, attempts, tokens and cost.") if "completed" in calls else (None,) * 4,
        ("request-refused", f"/requests/{calls.get('refused')}", None, "A call that was refused, and by what.") if "refused" in calls else (None,) * 4,
        ("usage", "/usage", None, "Spend and traffic, by model, team, user or key."),
        ("usage-teams", "/usage?by=team&days=30&measure=cost", None, "The same by team, over a month."),
        ("keys", "/keys", None, "Virtual keys."),
        ("key", f"/keys?key={key}", None, "One key.") if key else (None,) * 4,
        ("key-new", "/keys", click("Create key"), "A new key."),
        ("teams", "/teams", None, "Teams."),
        ("team", f"/teams?team={teams[0]['id']}", None, "One team.") if teams else (None,) * 4,
        ("users", "/users", None, "People, as an identity provider keeps them or as they were entered here."),
        ("user", f"/users?user={users[0]['id']}", None, "One person.") if users else (None,) * 4,
        ("budgets", "/budgets", None, "Budgets, with what is used of each."),
        ("budget-new", "/budgets", click("Create budget"), "A new budget, with how often it would have been reached."),
        ("limits", "/budgets?tab=limits", None, "Limits on requests, tokens and calls at once."),
        ("providers", "/providers", None, "Providers and how they are doing."),
        ("provider", "/providers?provider=anthropic", None, "One provider."),
        ("guardrails", "/guardrails", None, "What is looked for in prompts and answers, and what is done about it."),
        ("guardrail", "/guardrails", lambda page: page.get_by_role("row").nth(1).click(), "One guardrail, with a box to try it."),
        ("guardrail-new", "/guardrails", click("Create guardrail"), "A new guardrail."),
        ("findings", "/guardrails?tab=findings", None, "What guardrails found and did, without what was found."),
        ("request-guarded", f"/requests/{guarded}", None, "A call that guardrails changed or stopped.") if guarded else (None,) * 4,
        ("audit", "/audit", None, "Who changed what, each entry sealing the one before it."),
        ("audit-entry", "/audit", lambda page: page.get_by_role("row").nth(2).get_by_role("button").first.click(), "One entry."),
        ("settings-devices", "/settings", None, "What holds for the fleet."),
        ("settings-authority", "/settings?tab=authority", None, "The organisation's CA."),
        ("settings-sign-in", "/settings?tab=sign-in", None, "Identity providers and SCIM."),
        ("settings-accounts", "/settings?tab=accounts", None, "Accounts of the console and their roles."),
        ("settings-tokens", "/settings?tab=tokens", None, "Tokens of the admin API."),
        ("settings-prices", "/settings?tab=prices", None, "What models cost here."),
        ("settings-about", "/settings?tab=about", None, "What runs here."),
        ("account", "/account", None, "One's own account: sessions, password, second factor."),
        ("palette", "/", press("Control+k"), "Everything by the keyboard."),
        ("keys-of-keyboard", "/", press("?"), "The keys that work everywhere."),
        ("navigation", "/", click("Navigation"), "The navigation on a small screen."),
        ("not-found", "/no-such-page", None, "An address that is nowhere."),
    ] if name]


def look(lab, results, browser, folder):
    """Opens all pages in two looks, or in all of them where pictures are taken."""
    page, all_pages = browser.lax_page(), pages(lab)
    found = {}
    for name, path, act, _ in all_pages:
        for look_of in LOOKS:
            if wrong := _seen(lab, page, name, path, act, look_of, folder):
                found[f"{name}, {look_of[0]}, {look_of[2]}"] = wrong
    stranger = browser.stranger()
    for look_of in LOOKS:
        if wrong := _seen(lab, stranger, "sign-in", "/sign-in", None, look_of, folder):
            found[f"sign-in, {look_of[0]}, {look_of[2]}"] = wrong
    if folder:
        console_pictures.index(folder, [("sign-in", "Signing in."), *((name, about) for name, _, _, about in all_pages)])
    results.check(f"{len(all_pages) + 1} pages, panels and dialogs: axe has nothing to say, and nothing sticks out", not found, found)


def _seen(lab, page, name, path, act, look_of, folder):
    """Opens a page in a look; gives what is wrong with it. Without pictures in two looks only, with pictures
    dialogs too."""
    scheme, size, width = look_of
    twice = (scheme, width) in (("light", "wide"), ("dark", "narrow"))
    if (not twice and (folder is None or act)) or (name == "navigation" and width == "wide"):
        return None
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(size)
    page.goto(lab.rig.control + path)
    # Attached is enough: behind a panel that is open at once it is hidden from roles.
    page.locator("h1").first.wait_for(state="attached", timeout=SOON)
    page.locator("[aria-busy=true]").first.wait_for(state="detached", timeout=SOON)
    if act:
        act(page)
        page.get_by_role("dialog").first.wait_for(timeout=SOON)
        page.locator("[aria-busy=true]").first.wait_for(state="detached", timeout=SOON)
    if folder:
        console_pictures.take(page, folder / f"{name}-{scheme}-{width}.png")
    wrong = page.evaluate(AXE.read_text() + "; axe.run().then(({violations}) => violations.map(({id, nodes}) => "
                          "[id, nodes.slice(0, 3).map(({target}) => target.join(' '))]))")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wrong or (f"{wide} pixels too wide" if wide > 0 else None)
