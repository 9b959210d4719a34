"""Clients that do not come to an end: what ends them, and when. The gateway's times are short here."""
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor

from bed import CHAT, Beside, at
from frames import DATA, HEADERS, WINDOW_UPDATE, Peer, fields, frame

CLIENT, KEEP_ALIVE, TOTAL = 2, 3, 8
CONFIG = f'\n[timeouts]\nclient = "{CLIENT}s"\nkeep_alive = "{KEEP_ALIVE}s"\ntotal = "{TOTAL}s"\n'
# Beyond the time that is due; generous, for machines that are busy.
GRACE = 6


def until_end(connection, since, drip=b"", every=0.4, most=TOTAL + GRACE + 4):
    """Seconds until the other side closed; meanwhile a byte now and then, over and over."""
    connection.settimeout(every)
    at_byte = 0
    while time.monotonic() - since < most:
        try:
            if not connection.recv(65536):
                return time.monotonic() - since
        except socket.timeout:
            pass
        except OSError:
            return time.monotonic() - since
        if drip:
            try:
                connection.sendall(drip[at_byte % len(drip):][:1])
            except OSError:
                return time.monotonic() - since
            at_byte += 1
    return None


def plain(first, drip=b"", keep=b"", small=False):
    """A client of HTTP/1.1: what it says at once, then byte by byte; `small` takes hardly anything."""
    def attack(bed):
        with bed.connect() as connection:
            if small:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(first(bed))
            began = time.monotonic()
            if small:
                return unread(bed, began)
            return until_end(connection, began, drip or keep)
    return attack


def unread(bed, began):
    """Seconds until the provider's calls have ended, of a client that reads nothing."""
    while time.monotonic() - began < TOTAL + GRACE + 4:
        if bed.stats()["in_flight"] == 0:
            return time.monotonic() - began
        time.sleep(0.1)
    return None


def framed(first, drip=b"", window=None):
    """A client of HTTP/2: frames at once, then one over and over; ends by a reset too."""
    def attack(bed):
        settings = b"" if window is None else struct.pack(">HI", 4, window)
        with Peer(bed, settings=settings) as peer:
            began = time.monotonic()
            peer.send(first(peer))
            while time.monotonic() - began < TOTAL + GRACE + 4:
                for kind, _, stream, _ in peer.frames(0.4):
                    if kind in (3, 7) and stream in (0, 1):
                        return time.monotonic() - began
                if peer.closed:
                    return time.monotonic() - began
                if drip and not peer.send(drip):
                    return time.monotonic() - began
        return None
    return attack


def head(bed, *lines, key=None):
    """A head that wants a body."""
    return "\r\n".join([f"POST {CHAT} HTTP/1.1", "host: gateway", f"authorization: Bearer {key or bed.key}",
                        "content-type: application/json", *lines, "", ""]).encode()


# Name, what is done, and the time that ends it.
ATTACKS = (
    ("HTTP/1.1: says nothing", plain(lambda bed: b""), KEEP_ALIVE),
    ("HTTP/1.1: says 10 bytes", plain(lambda bed: b"POST /open"), KEEP_ALIVE),
    ("HTTP/1.1: a head that stops", plain(lambda bed: head(bed)[:-2]), CLIENT),
    ("HTTP/1.1: a head byte by byte", plain(lambda bed: head(bed)[:-2], drip=b"x: y\r\n"), CLIENT),
    ("HTTP/1.1: nothing after an answer", plain(lambda bed: b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"), KEEP_ALIVE),
    ("HTTP/1.1: a second head byte by byte",
     plain(lambda bed: b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n", drip=b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 99), CLIENT),
    ("HTTP/1.1: a body that stops", plain(lambda bed: head(bed, "content-length: 1000") + b"{"), CLIENT),
    ("HTTP/1.1: a body byte by byte", plain(lambda bed: head(bed, "content-length: 1000"), drip=b" "), TOTAL),
    ("HTTP/1.1: chunks byte by byte", plain(lambda bed: head(bed, "transfer-encoding: chunked"), drip=b"1\r\n \r\n"), TOTAL),
    ("HTTP/1.1: a stranger's body that stops", plain(lambda bed: head(bed, "content-length: 1000", key="x") + b"{"), CLIENT),
    ("HTTP/1.1: a stranger's body byte by byte",
     plain(lambda bed: head(bed, "content-length: 1000", key="x"), drip=b" "), CLIENT),
    ("HTTP/2: a third of the preface", plain(lambda bed: b"PRI * HT"), KEEP_ALIVE),
    ("HTTP/2: nothing after the preface", framed(lambda peer: b""), KEEP_ALIVE),
    ("HTTP/2: headers without an end",
     framed(lambda peer: frame(HEADERS, 0, 1, fields([(":method", "POST")]))), KEEP_ALIVE),
    ("HTTP/2: pings for ever", framed(lambda peer: b"", drip=frame(6, payload=b"stillok?")), KEEP_ALIVE),
    ("HTTP/2: a body that stops", framed(lambda peer: peer.request(end=False)), CLIENT),
    ("HTTP/2: a body byte by byte", framed(lambda peer: peer.request(end=False), drip=frame(DATA, 0, 1, b" ")), TOTAL),
    ("HTTP/2: a stranger's body that stops", framed(lambda peer: peer.request(end=False, key="x")), CLIENT),
    ("HTTP/2: a stranger's body byte by byte",
     framed(lambda peer: peer.request(end=False, key="x"), drip=frame(DATA, 0, 1, b" ")), CLIENT),
    ("HTTP/2: a window of nothing", framed(lambda peer: peer.chat(marker="[[size:1000000]]"), window=0), CLIENT),
    ("HTTP/2: a window byte by byte",
     framed(lambda peer: peer.chat(marker="[[size:1000000]]"), window=1, drip=frame(WINDOW_UPDATE, 0, 1, b"\0\0\0\1")), CLIENT),
)


def run(bed, results, long=False, **_):
    """All of them at once, with an honest client beside them; then one that reads nothing."""
    copies = 20 if long else 4
    before, opened = bed.memory(), bed.stats()["requests"]
    with Beside(bed) as beside, ThreadPoolExecutor(len(ATTACKS) * copies) as pool:
        ends = [[pool.submit(attack, bed) for _ in range(copies)] for _, attack, _ in ATTACKS]
        ends = [[end.result() for end in each] for each in ends]
    for (name, _, due), each in zip(ATTACKS, ends):
        late = [end for end in each if end is None or end > due + GRACE]
        early = [end for end in each if end is not None and end < due * 0.5]
        said = ", ".join("never" if end is None else f"{end:.1f} s" for end in sorted(each, key=str)[:1] + sorted(each, key=str)[-1:])
        print(f"     slow: {name}: {copies} ended after {said}; {due} s are due", flush=True)
        results.check(f"slow: {name} is ended in time", not late, f"{len(late)} of {copies} were not: {said}")
        results.check(f"slow: {name} has the time it is due", not early, said)
    print(f"     slow: {len(beside.times)} honest calls beside them, p50 {at(beside.times, .5):.1f} ms, "
          f"p99 {at(beside.times, .99):.1f} ms; {before:.0f} to {bed.memory():.0f} MiB", flush=True)
    results.check("slow: others are answered", not beside.failures and at(beside.times, .99) < 5000, beside.failures[:3])
    bed.calm()
    began = bed.memory()
    readers = [bed.connect() for _ in range(8)]
    for reader in readers:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.sendall(bed.call("[[size:67108864]]", stream=True))
    start = time.monotonic()
    time.sleep(0.5)
    took, held = unread(bed, start), bed.memory() - began
    for reader in readers:
        reader.close()
    print(f"     slow: 8 streams of 64 MiB that nobody reads ended after {took or -1:.1f} s, {held:.0f} MiB more", flush=True)
    results.check("slow: streams that nobody reads are ended in time", took is not None and took < TOTAL + GRACE, took)
    results.check("slow: streams that nobody reads are not kept in memory", held < 100, f"{held:.0f} MiB")
    results.check("slow: the provider was asked", bed.stats()["requests"] > opened)
