"""Ten thousand connections that do nothing, and a thousand requests that are never finished: what they cost the
gateway, and the honest client beside them.
"""
import time
from concurrent.futures import ThreadPoolExecutor

from bed import Answers, at
from frames import PREFACE, SETTINGS, frame

HEALTH = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
CALLS = 200


def silent(bed):
    """Never says a word."""
    return bed.connect()


def answered(bed):
    """Was answered once."""
    connection = bed.connect()
    connection.sendall(HEALTH)
    if Answers(connection).next().status != 200:
        raise RuntimeError("no answer")
    return connection


def framed(bed):
    """Speaks HTTP/2, and asks for nothing."""
    connection = bed.connect()
    connection.sendall(PREFACE + frame(SETTINGS))
    return connection


def half_head(bed):
    """A head without its last line."""
    connection = bed.connect()
    connection.sendall(bed.call().split(b"\r\n\r\n")[0] + b"\r\nx: " + b"y" * 2000)
    return connection


def half_body(bed):
    """A body of which half is missing."""
    connection = bed.connect()
    connection.sendall(bed.call("z" * 2000)[:-1000])
    return connection


def calls(bed):
    """Times of honest calls, one after another."""
    return [bed.honest() for _ in range(CALLS)]


def crowd(bed, kinds):
    """Opens so many of each kind."""
    wanted = [kind for kind, count in kinds for _ in range(count)]
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda kind: kind(bed), wanted))


def run(bed, results, descriptors, long=False):
    """Before, beside, and after."""
    # One descriptor each at the gateway and here, and some for all the rest.
    share = min(1.0, (descriptors - 1000) / (16_000 if long else 11_000))
    idle = ((silent, int(5000 * share)), (answered, int((8000 if long else 3000) * share)), (framed, int(2000 * share)))
    half = ((half_head, int(500 * share)), (half_body, int(500 * share)))
    calls(bed)
    times, memory = calls(bed), bed.memory()
    began = time.monotonic()
    there = crowd(bed, idle)
    took, with_idle = time.monotonic() - began, bed.memory()
    beside_idle = calls(bed)
    more = crowd(bed, half)
    with_half, beside_half = bed.memory(), calls(bed)
    print(f"     crowd: without: {memory:.0f} MiB, p50 {at(times, .5):.2f} ms, p99 {at(times, .99):.2f} ms", flush=True)
    print(f"     crowd: {len(there)} idle, opened in {took:.1f} s: {with_idle:.0f} MiB "
          f"({(with_idle - memory) * 1024 / len(there):.1f} KiB each), p50 {at(beside_idle, .5):.2f} ms "
          f"({at(beside_idle, .5) / at(times, .5):.2f} of before), p99 {at(beside_idle, .99):.2f} ms", flush=True)
    print(f"     crowd: {len(more)} half requests besides: {with_half:.0f} MiB, p50 {at(beside_half, .5):.2f} ms "
          f"({at(beside_half, .5) / at(times, .5):.2f} of before), p99 {at(beside_half, .99):.2f} ms", flush=True)
    open_ones = sum(not ended(connection) for connection in there[:500] + more[:100])
    results.check("crowd: they are let be, within their time", open_ones > 500, f"{open_ones} of 600 are open")
    results.check(f"crowd: {len(there)} idle connections and {len(more)} half requests", len(there) + len(more) > 1000,
                  f"only {descriptors} descriptors are allowed")
    for name, slower in (("idle connections", beside_idle), ("half requests", beside_half)):
        results.check(f"crowd: {name} do not slow others down", at(slower, .5) < 10 * at(times, .5) + 20
                      and at(slower, .99) < 10 * at(times, .99) + 500, f"{at(slower, .5):.1f} and {at(slower, .99):.1f} ms")
    each = 48 / 1024  # of a build without optimisation, whose futures are large
    bound = memory + 50 + (len(there) + len(more)) * each
    results.check("crowd: memory is bounded, 48 KiB for each", with_half < bound, f"{with_half:.0f} of {bound:.0f} MiB")
    for connection in there + more:
        connection.close()
    time.sleep(1.5)
    after, peak = bed.memory(), bed.memory("VmHWM")
    print(f"     crowd: after: {after:.0f} MiB, at most {peak:.0f} MiB, p50 {at(calls(bed), .5):.2f} ms", flush=True)
    results.check("crowd: memory does not grow from crowd to crowd", grows_not(bed, idle, half, after), f"{after:.0f} MiB")


def ended(connection):
    """Whether the other side closed it."""
    connection.setblocking(False)
    try:
        return not connection.recv(65536)
    except BlockingIOError:
        return False
    except OSError:
        return True


def grows_not(bed, idle, half, after):
    """A second crowd, of half as many, leaves nothing behind."""
    again = [(kind, count // 2) for kind, count in (*idle, *half)]
    for connection in crowd(bed, again):
        connection.close()
    time.sleep(1.5)
    print(f"     crowd: after a second one: {bed.memory():.0f} MiB", flush=True)
    return bed.memory() < after + 50
