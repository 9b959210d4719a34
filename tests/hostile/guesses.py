"""Guesses at keys from one address, and a crowd of addresses behind a proxy that is believed: what they cost the
gateway, and the honest client beside them.
"""
import socket
import struct

from bed import Answers, Beside, at

FAILURES, CONNECTIONS = 20, 50
CONFIG = (f"[limits]\naddress_failures = {FAILURES}\naddress_connections = {CONNECTIONS}\n"
          "address_connection_rate = 100000\ntrusted_proxies = [\"127.0.0.1\"]\n")
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def introduced(bed, address):
    """A connection that the proxy says is from that address of IPv4."""
    connection = bed.connect()
    addresses = socket.inet_aton(address) + socket.inet_aton("127.0.0.1") + struct.pack("!HH", 4711, 80)
    connection.sendall(SIGNATURE + b"\x21\x11" + struct.pack("!H", len(addresses)) + addresses)
    return connection


def guess(connection, key):
    """The status of a call with that key; None where the connection was closed."""
    try:
        connection.sendall(b"GET /openai/v1/models HTTP/1.1\r\nhost: gateway\r\n"
                           b"authorization: Bearer " + key.encode() + b"\r\n\r\n")
        answer = Answers(connection).next()
    except ConnectionError:
        return None
    return answer and answer.status


def guesses(bed, results, many):
    """Nothing is looked at after the first few, a key that is known neither; another address is let be."""
    statuses = []
    while len(statuses) < many:
        with introduced(bed, "203.0.113.9") as connection:
            statuses.append(guess(connection, f"sk-tg-guess{len(statuses)}"))
    known, barred = statuses.count(401), statuses.count(429)
    results.check("guesses: after so many they are barred", known == FAILURES and barred == many - FAILURES,
                  f"{known} were looked at, {barred} barred, of {many}")
    with introduced(bed, "203.0.113.9") as connection:
        results.check("guesses: a right one comes too late", guess(connection, bed.key) == 429)
    with introduced(bed, "203.0.113.10") as connection:
        results.check("guesses: another address is let be", guess(connection, bed.key) == 200)
    logged = sum('"failures"' in line for line in bed.rig.log().splitlines())
    results.check("guesses: they are logged once", logged == 1, f"{logged} lines")


def crowded(bed, results):
    """Connections of one address beyond its limit are closed, and those within it live."""
    there = [introduced(bed, "203.0.113.20") for _ in range(2 * CONNECTIONS)]
    alive = sum(guess(connection, bed.key) == 200 for connection in there)
    results.check("guesses: one address holds so many connections", alive == CONNECTIONS, f"{alive} of {len(there)}")
    for connection in there:
        connection.close()


def flood(bed, results, many):
    """Many addresses with one guess each: the table has one size."""
    before = bed.memory()
    for number in range(many):
        with introduced(bed, f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}") as connection:
            guess(connection, "sk-tg-guess")
    grown = bed.memory() - before
    results.check("guesses: addresses without end take no memory", grown < 30, f"{grown:.0f} MiB")


def run(bed, results, descriptors, long=False):
    """All of it, with an honest client of this machine beside."""
    del descriptors
    with Beside(bed) as beside:
        guesses(bed, results, 5_000 if long else 500)
        crowded(bed, results)
        flood(bed, results, 20_000 if long else 2_000)
    results.check("guesses: an honest client beside it is answered", not beside.failures, "; ".join(beside.failures[:3]))
    print(f"     guesses: honest client beside: p50 {at(beside.times, .5):.2f} ms, p99 {at(beside.times, .99):.2f} ms",
          flush=True)
