"""HTTP/1.1: the corpus, each case on a connection of its own, and what the provider saw of all of them."""
import base64
import re
import socket
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from bed import Answers
from corpus import REFUSED, SERVED, WAITS, Corpus

# How long an answer is waited for, and how long a second one after it that nobody asked for.
ANSWER, ANOTHER = 5.0, 0.15
# Headers that say who a provider's caller is; a caller of the gateway's must not have a say in them.
OURS = ("authorization", "api-key", "x-api-key", "x-goog-api-key", "host", "content-length", "transfer-encoding", "cookie")


def send(bed, raw, expected):
    """The statuses that came back, and whether the connection was closed after them."""
    with bed.connect() as connection:
        connection.settimeout(ANSWER if expected is not WAITS else 0.5)
        try:
            connection.sendall(raw)
        except (ConnectionError, TimeoutError):
            pass  # Refused before all of it was read.
        answers, statuses = Answers(connection), []
        try:
            while (answer := answers.next()) is not None:
                if answer.status >= 200:
                    statuses.append(answer.status)
                    connection.settimeout(ANOTHER)
        except socket.timeout:
            pass
        return statuses, answers.closed


def wrong(expected, statuses, closed):
    """Why an outcome is not what was expected, or nothing."""
    first = statuses[0] if statuses else None
    refused = (first is None and closed) or (first is not None and (400 <= first < 500 or first in (501, 505)))
    if expected is SERVED:
        ok = first is not None and 200 <= first < 300
    elif expected is WAITS:
        ok = first is None or refused
    elif expected is REFUSED:
        ok = refused
    else:
        ok = refused or (first is not None and 200 <= first < 300)
    return "" if ok else f"{expected} was expected, {statuses or 'no answer'}{' and the end' if closed else ''} came"


def seen(bed):
    """Each request that reached the provider: its prompt's marker, and what is wrong with its header."""
    provider_key = (bed.rig.folder / "provider-key").read_text()
    found = []
    for request in bed.rig.seen():
        body = base64.b64decode(request["body_base64"] or "")
        marker = re.search(rb"(outer|inner)-(\d+)-", body)
        names = [name for name, _ in request["headers"]]
        text = str(request["headers"]) + request["path"] + body.decode(errors="replace")
        bad = [name for name in OURS if names.count(name) > 1]
        bad += [name for name in names if "evil" in name or name.startswith("x-tidegate-")]
        if "evil" in str(request["headers"]):
            bad.append("a value of the attacker's")
        if bed.key in text:
            bad.append("the caller's key")
        if dict(request["headers"]).get("authorization") != f"Bearer {provider_key}":
            bad.append("no credential of the provider's")
        found.append((marker and (marker[1].decode(), int(marker[2])), bad))
    return found


def run(bed, results, **_):
    """All cases, a few at once; what each came to, and what reached the provider of it."""
    cases = Corpus(bed).all()
    before = bed.memory()
    outcomes, counts, bad = [], {}, []
    # The provider remembers a bounded number of requests, so it is asked often.
    with ThreadPoolExecutor(8) as pool:
        for start in range(0, len(cases), 48):
            batch = cases[start:start + 48]
            outcomes += pool.map(lambda case: send(bed, case[2], case[3]), batch)
            bed.calm()
            for marker, faults in seen(bed):
                counts[marker] = counts.get(marker, 0) + 1
                bad += [f"{marker}: {fault}" for fault in faults]
            clear(bed)
    tally = {}
    for number, ((name, section, _, expected), (statuses, closed)) in enumerate(zip(cases, outcomes)):
        fault = wrong(expected, statuses, closed)
        hidden, asked = counts.get(("inner", number), 0), counts.get(("outer", number), 0)
        if hidden:
            fault = f"the hidden request reached the provider {hidden} times"
        elif asked > 1 or (asked and expected is REFUSED):
            fault = f"it reached the provider {asked} times"
        came = statuses[0] if statuses else "closed" if closed else "waits"
        tally[came] = tally.get(came, 0) + 1
        if fault:
            results.check(f"HTTP/1.1: {name} (RFC {section})", False, fault)
    wrongs = results.failed
    print(f"     HTTP/1.1: {len(cases)} cases, {wrongs} wrong; first answers: "
          + ", ".join(f"{count} {came}" for came, count in sorted(tally.items(), key=str)), flush=True)
    results.check(f"HTTP/1.1: {len(cases)} cases are refused or handled as their sections say", not wrongs, f"{wrongs} are not")
    results.check("HTTP/1.1: no hidden request reached the provider", not any(who and who[0] == "inner" for who in counts))
    results.check("HTTP/1.1: no header of an attacker's, and no caller's key, reached the provider", not bad, bad[:5])
    results.check("HTTP/1.1: the cases served were seen", sum(counts.values()) >= 10, counts)
    results.check("HTTP/1.1: memory after the floods", bed.memory() - before < 150, f"{before:.0f} to {bed.memory():.0f} MiB")
    pipelining(bed, results)


def pipelining(bed, results):
    """RFC 9112 §9.3.2: answers in order, and none for what comes after a request that cannot be read."""
    with bed.connect() as connection:
        connection.sendall(b"".join(bed.call(f"piped-{number}") for number in range(20)))
        answers = Answers(connection)
        got = [answers.next() for _ in range(20)]
        right = [answer is not None and answer.status == 200 for answer in got]
    results.check("HTTP/1.1: 20 pipelined calls have 20 answers", all(right), right)
    with bed.connect() as connection:
        connection.sendall(bed.call("first") + b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: x\r\n\r\n" + bed.call("third"))
        answers = Answers(connection)
        statuses = []
        while (answer := answers.next()) is not None:
            statuses.append(answer.status)
    results.check("HTTP/1.1: what follows an unreadable request is not read", statuses == [200, 400], statuses)


def clear(bed):
    """Has the provider forget what it saw."""
    request = urllib.request.Request(bed.rig.provider + "/_standin/requests", method="DELETE")
    with urllib.request.urlopen(request, timeout=30):
        pass
