"""HTTP/2 in clear, with prior knowledge: cases after RFC 9113 (and 7541), and floods."""
import struct
import threading
from concurrent.futures import ThreadPoolExecutor

from bed import Beside, at
from frames import (ACK, CONTINUATION, DATA, END_STREAM, GOAWAY, HEADERS, PADDED, PING, PREFACE, PRIORITISED, PRIORITY,
                    PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_UPDATE, Peer, fields, frame, integer)
from http1 import clear, seen

PONG = frame(PING, payload=b"stillok?")


def setting(number, value):
    return struct.pack(">HI", number, value)


def word(value):
    return struct.pack(">I", value)


BLOCK = fields([(":method", "GET"), (":scheme", "http"), (":path", "/healthz"), (":authority", "gateway")])


def cases(peer):
    """Name, section, bytes after the connection's beginning, and what may come: `connection` (it ends, or its error
    is named), `stream` (a reset, a 4xx, or the end), `many` (it ends, or the stream beyond is refused), `fine` (a
    ping is answered), `served` (200), `any`."""
    yield from shapes(peer.request(end=False))
    yield from states(peer.request, peer.chat)
    yield from messages(peer.chat)


def shapes(half):
    """Frames that are wrong by themselves (§4, §6), and header blocks that cannot be decoded (RFC 7541)."""
    block = BLOCK
    yield from (
        ("an unknown kind of frame", "4.1", frame(0x99, 0xFF, 0, b"?" * 8) + PONG, "fine"),
        ("flags that mean nothing", "4.1", frame(PING, 0xFE, 0, b"stillok?"), "fine"),
        ("the reserved bit", "4.1", frame(PING, 0, 1 << 31, b"stillok?"), "fine"),
        ("DATA beyond the largest frame", "4.2", half + frame(DATA, 0, 1, b"x" * 16385), "connection"),
        ("HEADERS beyond the largest frame", "4.2", frame(HEADERS, 5, 1, b"x" * 16385), "connection"),
        ("a frame of 16 MiB", "4.2", frame(DATA, 0, 1, b"x" * 100, length=(1 << 24) - 1), "connection"),
        ("PING of 7 bytes", "6.7", frame(PING, payload=b"1234567"), "connection"),
        ("PING on a stream", "6.7", frame(PING, 0, 1, b"12345678"), "connection"),
        ("SETTINGS of 5 bytes", "6.5", frame(SETTINGS, payload=b"12345"), "connection"),
        ("SETTINGS on a stream", "6.5", frame(SETTINGS, 0, 1, b""), "connection"),
        ("SETTINGS that acknowledge and say", "6.5", frame(SETTINGS, ACK, 0, setting(4, 5)), "connection"),
        ("ENABLE_PUSH of 2", "6.5.2", frame(SETTINGS, payload=setting(2, 2)), "connection"),
        ("INITIAL_WINDOW_SIZE of 2^31", "6.5.2", frame(SETTINGS, payload=setting(4, 1 << 31)), "connection"),
        ("MAX_FRAME_SIZE of 16383", "6.5.2", frame(SETTINGS, payload=setting(5, 16383)), "connection"),
        ("MAX_FRAME_SIZE of 2^24", "6.5.2", frame(SETTINGS, payload=setting(5, 1 << 24)), "connection"),
        ("an unknown setting", "6.5.2", frame(SETTINGS, payload=setting(0x99, 1)) + PONG, "fine"),
        ("RST_STREAM of 3 bytes", "6.4", half + frame(RST_STREAM, 0, 1, b"123"), "connection"),
        ("RST_STREAM on stream 0", "6.4", frame(RST_STREAM, 0, 0, word(8)), "connection"),
        ("WINDOW_UPDATE of 3 bytes", "6.9", frame(WINDOW_UPDATE, 0, 0, b"123"), "connection"),
        ("PRIORITY of 4 bytes", "6.3", half + frame(PRIORITY, 0, 1, b"1234"), "stream"),
        ("PRIORITY on stream 0", "6.3", frame(PRIORITY, 0, 0, b"12345"), "connection"),
        ("GOAWAY of 7 bytes", "6.8", frame(GOAWAY, 0, 0, b"1234567"), "connection"),
        ("GOAWAY on a stream", "6.8", frame(GOAWAY, 0, 1, b"12345678"), "connection"),
        ("index 0", "7541 6.1", frame(HEADERS, 5, 1, b"\x80"), "connection"),
        ("an index beyond the table", "7541 2.3.3", frame(HEADERS, 5, 1, b"\xfe"), "connection"),
        ("an integer without an end", "7541 5.1", frame(HEADERS, 5, 1, b"\xff" + b"\xff" * 20), "connection"),
        ("a string longer than its block", "7541 5.2", frame(HEADERS, 5, 1, b"\x00\x7f\x00x"), "connection"),
        ("wrong padding of a Huffman string", "7541 5.2", frame(HEADERS, 5, 1, b"\x00\x82\x00\x00\x01x"), "connection"),
        ("a table larger than allowed", "7541 6.3", frame(HEADERS, 5, 1, integer(1 << 20, 5, 0x20) + block), "connection"),
        ("a table's size amid fields", "7541 4.2", frame(HEADERS, 5, 1, block + b"\x20"), "connection"),
        ("a field cut off", "4.3", frame(HEADERS, 5, 1, block[:-3]), "connection"),
    )


def states(ask, chat):
    """Frames on streams that are not in the state for them (§5), and windows (§6.9)."""
    half, block = ask(end=False), BLOCK
    yield from (
        ("DATA on an idle stream", "5.1", frame(DATA, 1, 1, b"x"), "connection"),
        ("RST_STREAM on an idle stream", "5.1", frame(RST_STREAM, 0, 1, word(8)), "connection"),
        ("WINDOW_UPDATE on an idle stream", "5.1", frame(WINDOW_UPDATE, 0, 1, word(1)), "connection"),
        ("CONTINUATION on an idle stream", "5.1", frame(CONTINUATION, 4, 1, block), "connection"),
        ("DATA after the end", "5.1", chat() + frame(DATA, 1, 1, b"x"), "stream"),
        ("HEADERS after the end", "5.1", chat() + ask(), "stream"),
        ("DATA after a reset", "5.1", half + frame(RST_STREAM, 0, 1, word(8)) + frame(DATA, 1, 1, b"x") + PONG, "any"),
        ("HEADERS after a reset", "5.1", half + frame(RST_STREAM, 0, 1, word(8)) + ask(), "stream"),
        ("an even stream", "5.1.1", ask(2), "connection"),
        ("a stream below the last", "5.1.1", ask(5, end=False) + ask(3), "connection"),
        ("more streams than allowed", "5.1.2", b"".join(ask(n, end=False) for n in range(1, 2 * 140, 2)), "many"),
        ("DATA on stream 0", "6.1", frame(DATA, 1, 0, b"x"), "connection"),
        ("padding as long as the frame", "6.1", half + frame(DATA, 9, 1, b"\x05abcd"), "connection"),
        ("HEADERS on stream 0", "6.2", frame(HEADERS, 5, 0, block), "connection"),
        ("HEADERS of padding alone", "6.2", frame(HEADERS, 5 | PADDED, 1, b"\xff" + block), "connection"),
        ("HEADERS that depend on themselves", "5.3", frame(HEADERS, 5 | PRIORITISED, 1, word(1) + b"\x10" + block), "any"),
        ("PUSH_PROMISE of a client", "8.4", half + frame(PUSH_PROMISE, 4, 1, word(2) + block), "connection"),
        ("WINDOW_UPDATE of 0", "6.9", frame(WINDOW_UPDATE, 0, 0, word(0)), "connection"),
        ("WINDOW_UPDATE of 0 on a stream", "6.9", half + frame(WINDOW_UPDATE, 0, 1, word(0)), "stream"),
        ("the connection's window overflows", "6.9.1", frame(WINDOW_UPDATE, 0, 0, word((1 << 31) - 1)) * 2, "connection"),
        ("a stream's window overflows", "6.9.1", half + frame(WINDOW_UPDATE, 0, 1, word((1 << 31) - 1)) * 2, "stream"),
        ("a window that a setting overflows", "6.9.2", half + frame(WINDOW_UPDATE, 0, 1, word((1 << 31) - 65536))
         + frame(SETTINGS, payload=setting(4, (1 << 31) - 1)), "connection"),
        ("DATA beyond the window", "6.9.1", half + frame(DATA, 0, 1, b"[" * 16384) * 40, "any"),
        ("CONTINUATION without HEADERS", "6.10", half + frame(CONTINUATION, 4, 1, block), "connection"),
        ("CONTINUATION of another stream", "6.10", frame(HEADERS, 1, 1, block) + frame(CONTINUATION, 4, 3, b""), "connection"),
        ("PING between HEADERS and CONTINUATION", "6.10", frame(HEADERS, 1, 1, block) + PONG, "connection"),
        ("HEADERS in pieces", "6.10", frame(HEADERS, 1, 1, block[:5]) + frame(CONTINUATION, 0, 1, block[5:9])
         + frame(CONTINUATION, 4, 1, block[9:]), "served"),
        ("HEADERS twice without an end", "8.1", half + ask(end=False), "stream"),
        ("a status in trailers", "8.1", half + frame(DATA, 0, 1, b"{}") + frame(HEADERS, 5, 1, fields([(":status", "200")])),
         "stream"),
        ("CONNECT", "8.5", frame(HEADERS, 5, 1, fields([(":method", "CONNECT"), (":authority", "evil:443")])), "stream"),
    )


def messages(chat):
    """Requests that are malformed (§8): fields, pseudo-headers, lengths."""
    for name, more in (("an upper-case name", [("X-Upper", "1")]), ("connection", [("connection", "keep-alive")]),
                       ("keep-alive", [("keep-alive", "1")]), ("proxy-connection", [("proxy-connection", "1")]),
                       ("transfer-encoding", [("transfer-encoding", "chunked")]), ("upgrade", [("upgrade", "h2c")]),
                       ("te: gzip", [("te", "gzip")]), ("CR LF in a value", [("x", "a\r\nx-evil: 1")]),
                       ("LF in a value", [("x", "a\nx-evil: 1")]), ("NUL in a value", [("x", "a\0b")]),
                       ("a space in a name", [("x y", "1")]), ("a colon in a name", [("x:y", "1")]), ("an empty name", [("", "1")]),
                       ("CR LF in a name", [("x\r\nx-evil", "1")]), ("an unknown pseudo-header", [(":evil", "1")]),
                       (":status", [(":status", "200")]), ("a second :path", [(":path", "/x")]),
                       ("a pseudo-header after others", [("x", "1"), (":method", "POST")]),
                       ("another host", [("host", "evil")]), ("a length too large", [("content-length", "100000")]),
                       ("a length too small", [("content-length", "3")]), ("two lengths", [("content-length", "1"), ("content-length", "2")]),
                       ("no length at all", [("content-length", "x")]), ("a negative length", [("content-length", "-1")])):
        # A body whose length is wrong, whose fields are not those of HTTP/2: malformed (§8.1.1, §8.2).
        yield name, "8", chat(more=more), "stream"
    for name in (":method", ":scheme", ":path", ":authority"):
        yield f"no {name}", "8.3.1", chat(drop=[name]), "stream"
    inner = "/openai/v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-evil: 1\r\n\r\n"
    for name, value in ((":path", ""), (":path", "openai"), (":path", "*"), (":path", inner), (":path", "http://evil/openai/v1/models"),
                        (":path", "/openai/v1/chat/completions x"), (":path", "/openai/v1/../v1/chat/completions"), (":method", "PO ST"),
                        (":method", "POST /x HTTP/1.1\r\nx-evil: 1"), (":method", ""), (":authority", "u:p@evil"),
                        (":authority", "evil\r\nx: y"), (":authority", "a b"), ("content-type", "a\r\nx-evil: 1")):
        yield f"{name} {value[:24]!r}", "8.3.1", chat(change={name: value}), "stream"
    yield ":scheme 'h ttp'", "8.3.1", chat(change={":scheme": "h ttp"}), "any"


def wrong(expected, outcome):
    """Why an outcome is not what was expected, or nothing."""
    kind, said = outcome
    if kind == "quiet" and expected not in ("any",):
        return f"{expected} was expected, nothing came"
    ended = kind in ("goaway", "closed")
    ok = {"connection": ended, "fine": kind == "pong", "served": outcome == ("status", 200),
          "stream": ended or kind == "reset" or (kind == "status" and said and 400 <= said < 502),
          "many": ended or kind == "reset", "any": not (kind == "status" and said is None)}[expected]
    return "" if ok else f"{expected} was expected, {kind} {said} came"


def one(bed, name, raw, expected):
    """What comes of one case on a connection of its own."""
    stream = {"fine": None, "many": 2 * 140 - 1, "connection": 0}.get(expected, 1)
    with Peer(bed) as peer:
        peer.send(raw)
        return peer.outcome(stream, wait=0.7 if expected == "any" else 5.0)


def conformance(bed, results):
    """All cases, and what the provider saw of them."""
    with Peer(bed) as peer:
        every = list(cases(peer))
    clear(bed)
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda case: one(bed, case[0], case[2], case[3]), every))
    first = Peer(bed, begin=False)
    with first:
        first.send(PREFACE + PONG)
        outcomes.append(first.outcome(0))
        # The h2 crate lets it by; nothing comes of it.
        every.append(("no SETTINGS first", "3.4", b"", "any"))
    wrongs, tally = 0, {}
    for (name, section, _, expected), outcome in zip(every, outcomes):
        came = outcome[0] if outcome[0] in ("pong", "closed", "quiet") else f"{outcome[0]} {outcome[1]}"
        tally[came] = tally.get(came, 0) + 1
        if fault := wrong(expected, outcome):
            wrongs += 1
            results.check(f"HTTP/2: {name} (RFC 9113 §{section})", False, fault)
    print(f"     HTTP/2: {len(every)} cases; " + ", ".join(f"{count} {came}" for came, count in sorted(tally.items())), flush=True)
    results.check(f"HTTP/2: {len(every)} cases are refused or handled as their sections say", not wrongs, f"{wrongs} are not")
    bed.calm()
    bad = [f"{marker}: {fault}" for marker, faults in seen(bed) for fault in faults]
    results.check("HTTP/2: no header of an attacker's, and no caller's key, reached the provider", not bad, bad[:5])


def drain(peer):
    """Reads in a thread whatever comes, so that no flood ends by a full buffer alone."""
    frames = []

    def read():
        for kind, flags, stream, payload in peer.frames(5.0):
            frames.append((kind, payload))
            if len(frames) > 1000:
                del frames[:500]

    thread = threading.Thread(target=read)
    thread.start()
    return thread, frames


def floods(long):
    """Name, CVE, whether what comes back is read, and pieces to send until the gateway has had enough."""
    much = 10 if long else 1

    def continuations(peer):
        yield frame(HEADERS, END_STREAM, 1, fields([(":method", "POST")]))
        filler = fields([("x-filler", "y" * 4000)])
        for _ in range(20_000 * much):
            yield frame(CONTINUATION, 0, 1, filler)

    def empty_continuations(peer):
        yield frame(HEADERS, END_STREAM, 1, b"")
        for _ in range(1000 * much):
            yield frame(CONTINUATION, 0, 1, b"") * 100

    def resets(peer):
        for number in range(20_000 * much):
            yield peer.request(2 * number + 1, end=False) + frame(RST_STREAM, 0, 2 * number + 1, word(8))

    def finished_resets(peer):
        for number in range(5_000 * much):
            yield peer.chat(2 * number + 1, "reset") + frame(RST_STREAM, 0, 2 * number + 1, word(8))

    def made_resets(peer):
        # The server is made to reset by what is wrong on a stream that it works for (CVE-2025-8671).
        for number in range(5_000 * much):
            yield peer.chat(2 * number + 1, "made") + frame(WINDOW_UPDATE, 0, 2 * number + 1, word((1 << 31) - 1))

    def bomb(peer):
        stored = fields([("x", "y" * 3900)], indexed=True)
        head = fields([(":method", "POST"), (":scheme", "http"), (":path", "/openai/v1/chat/completions"), (":authority", "gateway")])
        for number in range(200 * much):
            yield frame(HEADERS, 5, 2 * number + 1, head + (stored if number == 0 else b"") + b"\xbe" * 12_000)

    def settings(peer):
        for _ in range(500 * much):
            yield frame(SETTINGS, payload=setting(4, 65535)) * 100

    def pings(peer):
        for _ in range(2000 * much):
            yield PONG * 100

    def empty_data(peer):
        yield peer.request(1, end=False)
        for _ in range(1000 * much):
            yield frame(DATA, 0, 1, b"") * 100

    def priorities(peer):
        for number in range(1000 * much):
            yield b"".join(frame(PRIORITY, 0, 2 * n + 1, word(0) + b"\x10") for n in range(number, number + 100))

    return (("CONTINUATION, 80 MB without an end", "CVE-2024-27316", True, continuations),
            ("empty CONTINUATION", "CVE-2024-27316", True, empty_continuations),
            ("rapid reset, 20,000 half requests", "CVE-2023-44487", True, resets),
            ("rapid reset, 5,000 whole requests", "CVE-2023-44487", True, finished_resets),
            ("made you reset, 5,000 requests", "CVE-2025-8671", True, made_resets),
            ("a bomb of HPACK", "CVE-2016-6581", True, bomb),
            ("SETTINGS, 50,000", "CVE-2019-9515", True, settings),
            ("SETTINGS, 50,000, answers not read", "CVE-2019-9515", False, settings),
            ("PING, 200,000, answers not read", "CVE-2019-9512", False, pings),
            ("empty DATA, 100,000", "CVE-2019-9518", True, empty_data),
            ("PRIORITY, 100,000", "CVE-2019-9513", True, priorities))


def flood(bed, pieces, read):
    """Sends until the end or until the gateway ends it; how many pieces were taken, and what ended it."""
    peer = Peer(bed)
    peer.connection.settimeout(3)
    thread, frames = drain(peer) if read else (None, [])
    taken = 0
    for piece in pieces(peer):
        try:
            peer.connection.sendall(piece)
        except OSError:
            break
        taken += 1
    # What was sent has to be read before memory means something.
    peer.connection.close() if not read else peer.send(PONG)
    if thread:
        peer.connection.settimeout(1)
        thread.join(0.5)
        peer.connection.close()
        thread.join()
    ends = [int.from_bytes(payload[4:8], "big") for kind, payload in frames if kind == GOAWAY]
    return taken, ends


def run(bed, results, long=False, **_):
    """Conformance, then floods with an honest client beside each."""
    conformance(bed, results)
    for _ in range(20):
        bed.honest()
    for name, cve, read, pieces in floods(long):
        before, asked = bed.memory(), bed.stats()["requests"]
        with Beside(bed) as beside:
            taken, ends = flood(bed, pieces, read)
        bed.calm()
        after = bed.memory()
        reached = bed.stats()["requests"] - asked - len(beside.times)
        print(f"     HTTP/2: {name} ({cve}): {taken} pieces taken, ended by {ends or 'nothing'}, {reached} reached the provider, "
              f"{before:.0f} to {after:.0f} MiB, {len(beside.times)} honest calls beside it, p50 {at(beside.times, .5):.1f} ms, "
              f"p99 {at(beside.times, .99):.1f} ms", flush=True)
        results.check(f"HTTP/2: {name}: others are answered", not beside.failures and at(beside.times, .99) < 5000,
                      beside.failures[:3])
        results.check(f"HTTP/2: {name}: memory is bounded", after - before < 100, f"{before:.0f} to {after:.0f} MiB")
