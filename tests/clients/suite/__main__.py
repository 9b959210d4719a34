"""Runs the Python SDK tests against TIDEGATE_URL with TIDEGATE_KEY.

    python -m suite [CALLS]

CALLS is a file to write the list of calls to, for a later look into the request log.
"""
import json
import sys

from . import (  # noqa: F401, they register tests
    anthropic_messages,
    cached,
    errors,
    gemini,
    openai_chat,
    openai_more,
    openai_realtime,
    openai_socket,
    parity,
    shapes,
    translated,
)
from .case import run_all
from .target import CALLS, begin

failed = run_all(begin)
if len(sys.argv) > 1:
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        json.dump(CALLS, out)
sys.exit(1 if failed else 0)
