"""A test is a function with a name; this runs them, one line each, and counts.

Plain asserts, sync or async. What goes wrong is printed with the place and the message.
"""
import asyncio
import inspect
import sys
import time
import traceback

CASES = []


def case(name):
    """Registers a test under the name that its line shows."""

    def register(function):
        CASES.append((name, function))
        return function

    return register


def run_all(before):
    """Runs every test, calling `before(name)` ahead of each. Gives the number that failed."""
    failed = 0
    for name, function in CASES:
        before(name)
        started = time.monotonic()
        try:
            if inspect.iscoroutinefunction(function):
                asyncio.run(function())
            else:
                function()
        except Exception as error:  # Whatever a test throws is its failure, and the next one runs.
            failed += 1
            print(f"FAIL {name}: {where(error)}{type(error).__name__}: {str(error)[:600]}", flush=True)
        else:
            print(f"ok   {name} ({(time.monotonic() - started) * 1000:.0f} ms)", flush=True)
    return failed


def where(error):
    """The line of the test that failed, and its text."""
    here = [f for f in traceback.extract_tb(error.__traceback__) if "/suite/" in f.filename]
    frame = here[-1] if here else None
    return f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}: {frame.line}: " if frame else ""


def raises(kind, call, *args, **kwargs):
    """The exception of that class, or one of these, that the call must raise."""
    try:
        call(*args, **kwargs)
    except kind as error:
        return error
    raise AssertionError(f"did not raise {kind}")


async def araises(kind, awaitable):
    """The exception of that class that the awaitable must raise."""
    try:
        await awaitable
    except kind as error:
        return error
    raise AssertionError(f"did not raise {kind}")


def fail_usage(message):
    """Ends with the exit code for bad usage."""
    print(message, file=sys.stderr)
    raise SystemExit(64)
