#!/usr/bin/env python3
"""Hostile clients against a real gateway's data plane: what cannot be read, what lies, what never ends.

    python3 tests/hostile/run.py [--long] [--only http1,http2,slow,crowd,guesses]

Prints a line per result, figures between them, and closes with `N passed, N failed`. TIDEGATE_BIN_DIR names
the folder of the binaries when it is not target/debug.
"""
import argparse
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import bed as beds  # noqa: E402, the path comes first
import crowd  # noqa: E402
import guesses  # noqa: E402
import http1  # noqa: E402
import http2  # noqa: E402
import slow  # noqa: E402
from rig import Results  # noqa: E402

# Each part with what is added to the gateway's configuration for it.
PARTS = {"http1": (http1, ""), "http2": (http2, ""), "slow": (slow, slow.CONFIG), "crowd": (crowd, ""),
         "guesses": (guesses, guesses.CONFIG)}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--long", action="store_true", help="more of everything")
    arguments.add_argument("--only", default=",".join(PARTS), help="parts, with commas between them")
    chosen = arguments.parse_args()
    results = Results()
    descriptors = beds.raise_descriptors()
    for name in chosen.only.split(","):
        part, config = PARTS[name]
        began = time.monotonic()
        with beds.Bed(config) as bed:
            part.run(bed, results, long=chosen.long, descriptors=descriptors)
            unwell = bed.unwell()
            results.check(f"{name}: the gateway is alive, ready and logged no error", not unwell, unwell)
            results.check(f"{name}: an honest client is answered afterwards", bed.honest() < 10)
        print(f"     {name}: {time.monotonic() - began:.1f} s", flush=True)
    return results.close()


if __name__ == "__main__":
    sys.exit(main())
