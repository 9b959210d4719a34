"""Pictures of the console: taken, made small, and listed for readers of `docs/console/`."""
import io

LOOKS = [("light", "wide"), ("dark", "wide"), ("light", "narrow"), ("dark", "narrow")]


def take(page, path):
    """What the page shows, as a PNG of 256 colours: a fifth of the size, and nobody sees the difference."""
    path.parent.mkdir(parents=True, exist_ok=True)
    taken = page.screenshot()
    try:
        from PIL import Image
    except ImportError:
        path.write_bytes(taken)
        return
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    picture.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(path, optimize=True)


def index(folder, pages):
    """The page that shows them."""
    lines = ["# What the console looks like", "",
             "Made anew by `tests/lab/console.py --screenshots docs/console`: headless Chromium, a gateway whose organisation is invented",
             "(`tests/lab/console_fleet.py`). axe looks at each page when it is made. Pages are shown light and wide;",
             "the links below lead to the others.", ""]
    for name, about in pages:
        there = [(scheme, width) for scheme, width in LOOKS if (folder / f"{name}-{scheme}-{width}.png").is_file()]
        if not there:
            continue
        links = " · ".join(f"[{scheme}, {width}]({name}-{scheme}-{width}.png)" for scheme, width in there)
        first = there[0]
        lines += [f"## {name}", "", about, "", f"![{about}]({name}-{first[0]}-{first[1]}.png)", "", links, ""]
    (folder / "README.md").write_text("\n".join(lines).rstrip() + "\n")
