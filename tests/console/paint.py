"""How fast the console paints in Chromium, with a large fleet behind it.

    cargo run -p tidegate-store --example seed_console -- URL    # once, into an empty database
    tests/console/paint.py URL [--binary target/debug/tidegate] [--rounds 7]

It starts a real gateway on that database, signs in, and measures two things.

Paint: the overview and the list of devices are opened with nothing in the browser's cache, round by round; when
the first content was painted, when the page showed its data, and how long the longest task of the main thread was.

Interaction: keys and clicks, each with how long the browser took until the next frame after it (Event Timing,
what INP is made of) and until a frame showed what was asked for. Where the gateway has to answer first, what is
to be shown at once is that it was asked: a letter in the box, the page that was gone to. Data has a line of its
own, without a limit. A page that was seen before is to be shown as a whole, with the rows of its table.

It fails where the worst of a line is over its limit. Run it with the tests' Python (`make setup`):
`target/clients/venv/bin/python`.
"""
import argparse
import shutil
import statistics
import sys
from pathlib import Path
from urllib.parse import urlparse

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from lists import ROOT, Gateway  # noqa: E402, the path comes first

WIDE = {"width": 1440, "height": 900}
SOON = 30_000  # milliseconds
PASSWORD = "lists-and-filters-1"

# Runs before the page's own scripts.
WATCH = """
(() => {
  const paint = (window.paint = { events: [], tasks: [] });
  const keep = (type, list, options) =>
    new PerformanceObserver((found) => list.push(...found.getEntries())).observe({ type, buffered: true, ...options });
  keep('event', paint.events, { durationThreshold: 16 });
  keep('longtask', paint.tasks);
  // Calls back once a frame is on the screen that was drawn while `ready` held. It looks when something changed, not
  // at every frame, which would be one more thing to be drawn for.
  paint.when = (ready, then) => {
    const changes = new MutationObserver(() => look());
    const typed = ['input', 'focusin'];
    const look = () => {
      if (!ready()) return;
      changes.disconnect();
      for (const type of typed) removeEventListener(type, look, true);
      requestAnimationFrame(() => {
        const after = new MessageChannel();
        after.port1.onmessage = () => then(performance.now());
        after.port2.postMessage(0);
      });
    };
    changes.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    for (const type of typed) addEventListener(type, look, true);
    look();
  };
  // From the next key or press on: when the browser showed its next frame, and when one that is `ready`.
  paint.act = (ready, data) => {
    paint.events.length = paint.tasks.length = 0;
    const act = (paint.acted = { from: null, shown: null, data: null });
    const begin = (event) => {
      act.from ??= event.timeStamp;
    };
    for (const type of ['keydown', 'pointerdown'])
      addEventListener(type, begin, { capture: true, once: true });
    paint.when(() => act.from !== null && ready(), (now) => {
      act.shown = now;
    });
    if (data)
      paint.when(() => act.from !== null && data(), (now) => {
        act.data = now;
      });
  };
})();
"""

# What there is to see of an act, once it is over.
ACTED = """
() => {
  const { acted, events, tasks } = window.paint;
  // Events of less than 16 ms are not told.
  const next = events.filter(({ startTime, interactionId }) => interactionId && startTime >= acted.from - 1);
  return {
    next: Math.max(16, ...next.map(({ duration }) => duration)),
    shown: acted.shown - acted.from,
    task: Math.max(0, ...tasks.map(({ duration }) => duration)),
  };
}
"""

# As many as are seen of the lists that are looked at here, whose rows have two lines.
ROWS = "() => document.querySelectorAll('main > * > [role=grid]:not([aria-busy=true]) [role=row]').length > 12"
PAGES = {
    "/": ("overview", "() => document.querySelectorAll('main h2').length > 3 && !document.querySelector('main [aria-busy=true]')"),
    "/devices": ("devices", ROWS),
}


def heading(text):
    """The page by that name is there."""
    return f"() => document.querySelector('main h1')?.textContent === '{text}'"


def both(one, other):
    return f"() => ({one})() && ({other})()"


class Lines:
    """What was measured, and whether it was within its limits."""

    def __init__(self):
        self.lines = {}

    def add(self, name, value, limit=None):
        values, _ = self.lines.setdefault(name, ([], limit))
        values.append(value)

    def show(self):
        """Prints them; how many were over their limits."""
        over = 0
        print(f"{'p50 ms':>8} {'worst':>8} {'limit':>6}")
        for name, (values, limit) in self.lines.items():
            worst = max(values)
            late = limit is not None and worst > limit
            over += late
            shown = "" if limit is None else f"{limit:.0f}"
            print(f"{statistics.median(values):8.0f} {worst:8.0f} {shown:>6}  {name}{'  OVER' if late else ''}")
        return over


def signed_in(browser, address, email, dist):
    """The cookies of somebody who signed in as people do."""
    context = new_context(browser, dist)
    page = context.new_page()
    page.goto(address + "/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: not url.startswith(address + "/sign-in"), timeout=SOON)
    state = context.storage_state()
    context.close()
    return state


def opened(browser, state, dist):
    """A page in a browser that has seen nothing yet."""
    context = new_context(browser, dist, storage_state=state, reduced_motion="reduce")
    context.add_init_script(WATCH)
    return context.new_page()


def new_context(browser, dist, **more):
    context = browser.new_context(viewport=WIDE, **more)
    if dist:
        context.route(lambda address: not urlparse(address).path.startswith("/api/"), lambda route: from_disk(route, dist))
    return context


def from_disk(route, dist):
    """Answers with a file of a build; deep links get the page."""
    file = dist / urlparse(route.request.url).path.lstrip("/")
    route.fulfill(path=file if file.is_file() else dist / "index.html")


def paints(browser, address, state, lines, options):
    for _ in range(options.rounds):
        for path, (name, full) in PAGES.items():
            page = opened(browser, state, options.dist)
            page.goto(address + path, wait_until="commit")
            filled = page.evaluate(f"() => new Promise((then) => window.paint.when({full}, then))")
            first = page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0].startTime")
            task = page.evaluate("() => Math.max(0, ...window.paint.tasks.map(({ duration }) => duration))")
            lines.add(f"{name}: first content", first, options.paint_ms)
            lines.add(f"{name}: its data", filled, options.data_ms)
            lines.add(f"{name}: longest task", task)
            page.context.close()


class Acts:
    """Does things in a page and measures each."""

    def __init__(self, page, lines, limit):
        self.page, self.lines, self.limit = page, lines, limit

    def act(self, name, do, ready, data=None):
        """`do` it; `ready` tells that the page shows so, `data` that what it asked for came."""
        # Whatever came before is over, so that it is not measured again.
        self.page.wait_for_timeout(400)
        self.page.evaluate(f"() => window.paint.act({ready}, {data or 'null'})")
        do()
        # Asking takes the browser's time too.
        self.page.wait_for_timeout(250)
        if data:
            self.page.wait_for_function("() => window.paint.acted.data !== null", timeout=SOON)
            self.lines.add(f"{name}: data", self.page.evaluate("() => window.paint.acted.data - window.paint.acted.from"))
        self.page.wait_for_function("() => window.paint.acted.shown !== null", timeout=SOON)
        # Event Timing tells of an event some frames after it.
        self.page.wait_for_timeout(200)
        acted = self.page.evaluate(ACTED)
        self.lines.add(f"{name}: next frame", acted["next"], self.limit)
        self.lines.add(f"{name}: shown", acted["shown"], self.limit)
        self.lines.add(f"{name}: longest task", acted["task"])

    def click(self, name, locator, ready, data=None):
        # Where it is was found out before, and waiting for it is not part of it.
        box = locator.bounding_box()
        at = (box["x"] + min(box["width"] / 2, 60), box["y"] + box["height"] / 2)
        self.page.mouse.move(*at)
        self.act(name, lambda: self.page.mouse.click(*at), ready, data)

    def press(self, name, keys, ready, data=None):
        *first, last = keys
        for key in first:
            self.page.keyboard.press(key)
        self.act(name, lambda: self.page.keyboard.press(last), ready, data)


def acts(browser, address, state, lines, options):
    page = opened(browser, state, options.dist)
    page.goto(address + "/devices")
    page.wait_for_function(ROWS)
    act = Acts(page, lines, options.act_ms)
    for round_ in range(options.rounds):
        box = page.get_by_role("searchbox").first
        act.click("search: focus", box, "() => document.activeElement.type === 'search'")
        for typed in ("l", "la", "lap"):
            act.press("search: a letter", [typed[-1]], f"() => document.activeElement.value === '{typed}'")
        act.press("search: the last letter", ["7"], "() => document.activeElement.value === 'lap7'",
                  "() => location.search.includes('lap7') && !document.querySelector('[class*=stale]')")
        box.fill("")
        page.wait_for_function("() => !location.search.includes('q=')")
        page.wait_for_function(ROWS)
        act.click("filter: open", page.get_by_role("button", name="Filter", exact=True), "() => document.querySelector('[role=menu]')")
        act.press("filter: close", ["Escape"], "() => !document.querySelector('[role=menu]')")
        act.click("row: select", page.get_by_role("row").nth(3).get_by_role("checkbox"), "() => document.querySelector('[role=toolbar]')")
        act.click("row: forget", page.get_by_role("toolbar").get_by_role("button", name="Clear"), "() => !document.querySelector('[role=toolbar]')")
        row = page.get_by_role("row").nth(4).get_by_role("link").first
        act.click("device: open", row, "() => location.pathname.startsWith('/devices/dev_') && document.querySelector('main h1')?.textContent !== 'Devices'",
                  "() => document.querySelector('[role=tabpanel] [role=row]')")
        for key, name, title in (("m", "MCP servers", "MCP servers"), ("r", "request log", "Request log"), ("o", "overview", "Overview"), ("d", "devices", "Devices")):
            whole = both(heading(title), PAGES["/"][1] if key == "o" else ROWS)
            if round_ == 0 and key != "d":
                act.press(f"go to, first: {name}", ["g", key], heading(title), whole)
            else:
                act.press(f"go to: {name}", ["g", key], whole)
        act.press("palette: open", ["Control+k"], "() => document.querySelector('[role=dialog] input')")
        act.press("palette: a letter", ["m"], "() => document.querySelector('[role=dialog] input').value === 'm'")
        act.press("palette: close", ["Escape"], "() => !document.querySelector('[role=dialog]')")
    page.context.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--binary", default=str(ROOT / "target" / "debug" / "tidegate"))
    parser.add_argument("--dist", type=Path, help="a build of the console in place of the gateway's own: to try one out")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--paint-ms", type=float, default=1_000, help="first content")
    parser.add_argument("--data-ms", type=float, default=2_000, help="the page with its data")
    parser.add_argument("--act-ms", type=float, default=100, help="an interaction")
    options = parser.parse_args()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise SystemExit("no playwright here; run this with target/clients/venv/bin/python (make setup)") from None
    chromium = shutil.which("chromium")
    if not chromium:
        raise SystemExit("no Chromium; run make setup")
    lines = Lines()
    with Gateway(Path(options.binary).resolve(), options.url) as gateway, sync_playwright() as playwright:
        address = f"http://127.0.0.1:{gateway.port}"
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        state = signed_in(browser, address, gateway.email, options.dist)
        paints(browser, address, state, lines, options)
        acts(browser, address, state, lines, options)
        version = browser.version
        browser.close()
    over = lines.show()
    print(f"Chromium {version}, {options.rounds} rounds; {over} over their limits")
    sys.exit(1 if over else 0)


if __name__ == "__main__":
    main()
