"""The console's pages in headless Chromium: each is opened in light and dark, wide and narrow, checked by axe,
and photographed where that is asked for."""
import shutil
import sys
from urllib.parse import quote

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

    def _heard_of(self, context):
        page = context.new_page()
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda said: self._heard(said))
        return page

    def _heard(self, said):
        # What a refused call says in the log is the page's business, and shown by it.
        if said.type == "error" and "Failed to load resource" not in said.text:
            self.troubles.append(said.text)


def pages(lab):
    """Every page by a name, and where it is."""
    device = lab.device()["id"]
    server = quote(lab.all("/edge/mcp-servers")[0]["identity"], safe="")
    calls = lab.rig.api("GET", "/requests?limit=1")["items"]
    return {
        "overview": "/", "devices": "/devices", "device": f"/devices/{device}", "device-effects": f"/devices/{device}?tab=effects",
        "device-coverage": f"/devices/{device}?tab=coverage", "apps": "/apps", "app": "/apps/claude-code", "mcp-servers": "/mcp-servers",
        "mcp-server": f"/mcp-servers/{server}", "access-requests": "/access-requests", "requests": "/requests",
        **({"request": f"/requests/{calls[0]['id']}"} if calls else {}), "usage": "/usage", "keys": "/keys", "teams": "/teams",
        "users": "/users", "budgets": "/budgets", "limits": "/budgets?tab=limits", "providers": "/providers", "audit": "/audit",
        "settings-devices": "/settings", "settings-authority": "/settings?tab=authority", "settings-sign-in": "/settings?tab=sign-in",
        "settings-accounts": "/settings?tab=accounts", "settings-tokens": "/settings?tab=tokens", "settings-prices": "/settings?tab=prices",
        "settings-about": "/settings?tab=about", "account": "/account",
    }


def look(lab, results, browser, folder):
    """Opens all pages in two looks, or in all of them where pictures are taken."""
    source, page, all_pages = AXE.read_text(), browser.lax_page(), pages(lab)
    found = {}
    for name, path in all_pages.items():
        for scheme, size, width in LOOKS:
            if folder is None and (scheme, width) not in (("light", "wide"), ("dark", "narrow")):
                continue
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size(size)
            page.goto(lab.rig.control + path)
            page.get_by_role("heading", level=1).wait_for(timeout=SOON)
            page.locator("[aria-busy=true]").first.wait_for(state="detached", timeout=SOON)
            if folder:
                folder.mkdir(parents=True, exist_ok=True)
                page.screenshot(path=folder / f"{name}-{scheme}-{width}.png")
            wrong = page.evaluate(source + "; axe.run().then(({violations}) => violations.map(({id, nodes}) => "
                                  "[id, nodes.slice(0, 3).map(({target}) => target.join(' '))]))")
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wrong or wide > 0:
                found[f"{name}, {scheme}, {width}"] = wrong or f"{wide} pixels too wide"
    results.check(f"{len(all_pages)} pages: axe has nothing to say, and nothing sticks out", not found, found)
