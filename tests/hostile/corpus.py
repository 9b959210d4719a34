"""Requests that two servers could read differently, or that no server should read at all (RFC 9110, 9112).

Each is a name, the section that says what to do, the bytes, and what may come of it:

    refused   4xx, 501 or 505, or the connection is closed; nothing reaches the provider
    one       refused, or served as the one request that it is
    served    answered with 2xx
    waits     the request is not whole: no answer, or a refusal

Whatever comes of it, the request that hides in it (`inner`) never reaches the provider.
"""
from bed import CHAT

REFUSED, ONE, SERVED, WAITS = "refused", "one", "served", "waits"


class Corpus:
    """Writes the cases for one key; `outer` and `inner` are the prompts that tell which request was seen."""

    def __init__(self, bed):
        self.bed, self.cases = bed, []
        self.auth = f"authorization: Bearer {bed.key}"

    def outer(self):
        return self.bed.chat(f"outer-{len(self.cases)}-")

    def inner(self):
        return self.bed.call(f"inner-{len(self.cases)}-")

    def add(self, name, section, raw, expected):
        self.cases.append((name, section, raw, expected))

    def head(self, *lines, first=f"POST {CHAT} HTTP/1.1", host="host: gateway"):
        """A head of these lines; bytes are taken as they are."""
        every = [first, *([host] if host else []), self.auth, "content-type: application/json", *lines]
        return b"\r\n".join(line if isinstance(line, bytes) else line.encode("latin-1") for line in every) + b"\r\n\r\n"

    def plain(self, *lines, **more):
        """A request with a right length and these lines besides."""
        body = self.outer()
        return self.head(f"content-length: {len(body)}", *lines, **more) + body

    def all(self):
        for write in (self.two_framings, self.encodings, self.lengths, self.chunks, self.trailers, self.fields,
                      self.floods, self.hosts, self.first_lines, self.targets, self.bodies_where_none_belongs,
                      self.upgrades):
            write()
        return self.cases

    def two_framings(self):
        hidden = b"0\r\n\r\n" + self.inner()
        self.add("CL.TE", "9112 §6.1", self.head(f"content-length: {len(hidden)}", "transfer-encoding: chunked") + hidden,
                 REFUSED)
        body, inner = self.outer(), self.inner()
        chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        self.add("TE.CL, then another request", "9112 §6.1",
                 self.head("transfer-encoding: chunked", "content-length: 4") + chunks + inner, ONE)
        inner = self.inner()
        self.add("TE.CL, a request in a chunk", "9112 §6.1",
                 self.head("content-length: 4", "transfer-encoding: chunked")
                 + b"%x\r\n%s\r\n0\r\n\r\n" % (len(inner), inner), REFUSED)
        body = self.outer()
        chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        self.add("HTTP/1.0 with chunks", "9112 §6.1",
                 self.head("transfer-encoding: chunked", first=f"POST {CHAT} HTTP/1.0") + chunks, REFUSED)
        body = self.outer()
        chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        self.add("chunks and a length of 0", "9112 §6.1",
                 self.head("content-length: 0", "transfer-encoding: chunked") + chunks + self.inner(), ONE)

    def encodings(self):
        """Each hides a request behind an empty chunked body, and has a length that covers it too."""
        for line in ("transfer-encoding: xchunked", "transfer-encoding: chunked, identity", "transfer-encoding: identity",
                     "transfer-encoding: chunked, chunked", "transfer-encoding: gzip, chunked",
                     "transfer-encoding:\x0bchunked", "transfer-encoding: chunked\x00", 'transfer-encoding: "chunked"',
                     "transfer-encoding: chunked;q=1", "transfer-encoding: ", "transfer-encoding: ,chunked",
                     "transfer-encoding: chunked,", "transfer-encoding: CHUNKED", "transfer-encoding:\tchunked",
                     "transfer-encoding:chunked", "transfer-encoding: chunked ", "transfer-encoding : chunked",
                     "transfer-encoding\t: chunked", " transfer-encoding: chunked", "x: y\ntransfer-encoding: chunked",
                     "x: y\rtransfer-encoding: chunked", "transfer-encoding\n: chunked", "transfer-encoding:\n chunked",
                     "transfer-encoding:\r\n chunked", "transfer-encoding: chu\r\n nked", "transfer-encoding: ch\xadunked",
                     "transfer-encoding: identity\r\ntransfer-encoding: chunked",
                     "transfer-encoding: chunked\r\ntransfer-encoding: identity",
                     "transfer-encoding: chunked\r\ntransfer-encoding: x", "transfer_encoding: chunked",
                     "transfer-encoding\x00: chunked", "\x00transfer-encoding: chunked", "te: chunked"):
            hidden = b"0\r\n\r\n" + self.inner()
            self.add(f"{line!r}", "9112 §6.1", self.head(f"content-length: {len(hidden)}", line) + hidden, REFUSED)
            if line.isascii() and line.lower().startswith("transfer-encoding:") and "chunked" not in line.lower():
                self.add(f"{line!r} alone", "9112 §6.3", self.head(line) + b"0\r\n\r\n" + self.inner(), REFUSED)

    def lengths(self):
        body = self.outer()
        size = len(body)
        both = size + len(self.inner())
        for first, second in ((size, both), (both, size), (0, size)):
            self.add(f"two lengths, {first} and {second}", "9112 §6.3",
                     self.head(f"content-length: {first}", f"content-length: {second}") + self.outer() + self.inner(),
                     REFUSED)
            self.add(f"a list of lengths, {first} and {second}", "9112 §6.3",
                     self.head(f"content-length: {first}, {second}") + self.outer() + self.inner(), REFUSED)
        for value in ("+{}", "-{}", "0x{:x}", "{}.0", "{} {}", "{}e0", "'{}'", "{}\x0b", "\x0c{}", "{}\x00", "", ",", "{},",
                      "{};", "\xb2{}", "99999999999999999999", "18446744073709551616", "9223372036854775808",
                      "9223372036854775807", "1" * 400):
            body = self.outer()
            said = value.format(len(body), len(body))
            self.add(f"content-length: {said[:30]!r}", "9110 §8.6", self.head(f"content-length: {said}") + body
                     + self.inner(), REFUSED)
        for line in ("content-length : {}", "content-length\t: {}", " content-length: {}", "content-length:\r\n {}",
                     "content-length\x00: {}", "content length: {}"):
            body = self.outer()
            self.add(f"{line!r}", "9112 §5.1", self.head(line.format(len(body))) + body, REFUSED)
        for line in ("content-length: {0}\r\ncontent-length: {0}", "content-length: {0}, {0}", "content-length: 000{0}"):
            body = self.outer()
            self.add(f"{line!r}", "9110 §8.6", self.head(line.format(len(body))) + body, ONE)
        for line in ("content-length:{}", "content-length:\t{} \t", "CONTENT-LENGTH: {}"):
            body = self.outer()
            self.add(f"{line!r}", "9110 §5.5", self.head(line.format(len(body))) + body, SERVED)
        body = self.outer()
        self.add("a length beyond what is sent", "9112 §8", self.head(f"content-length: {len(body) + 5}") + body, WAITS)

    def chunks(self):
        def chunked(raw, *lines):
            return self.head("transfer-encoding: chunked", *lines) + raw

        for written in ("{:x}\r\n{}\r\n0\r\n\r\n", "{:X}\r\n{}\r\n0\r\n\r\n", "000{:x}\r\n{}\r\n000\r\n\r\n",
                        "{:x};a=b;c\r\n{}\r\n0;d\r\n\r\n", '{:x};a="b;c"\r\n{}\r\n0\r\n\r\n'):
            body = self.outer().decode()
            self.add(f"chunks: {written!r}", "9112 §7.1", chunked(written.format(len(body), body).encode()), SERVED)
        for written in ("g{:x}\r\n{}\r\n0\r\n\r\n", "-{:x}\r\n{}\r\n0\r\n\r\n", "+{:x}\r\n{}\r\n0\r\n\r\n",
                        "0x{:x}\r\n{}\r\n0\r\n\r\n", " {:x}\r\n{}\r\n0\r\n\r\n", "\r\n{:x}\r\n{}\r\n0\r\n\r\n",
                        "{:x}\n{}\r\n0\r\n\r\n", "{:x}\r{}\r\n0\r\n\r\n", "{:x}\r\n{}0\r\n\r\n", "{:x}\r\n{}\n0\r\n\r\n",
                        "{:x}\r\n{}XX0\r\n\r\n", "{:x},\r\n{}\r\n0\r\n\r\n", "{:x}\x00\r\n{}\r\n0\r\n\r\n",
                        "{:x}_\r\n{}\r\n0\r\n\r\n", "1{:016x}\r\n{}\r\n0\r\n\r\n", "ffffffffffffffff\r\n{1}\r\n0\r\n\r\n",
                        "fffffffffffffffff\r\n{1}\r\n0\r\n\r\n", "{:x};a\rb\r\n{}\r\n0\r\n\r\n", "\r\n0\r\n\r\n", ";\r\n0\r\n\r\n"):
            body = self.outer().decode()
            self.add(f"chunks: {written!r}", "9112 §7.1",
                     chunked(written.format(len(body), body).encode("latin-1") + self.inner()), REFUSED)
        # Pingora takes these, so what matters is that nothing behind them is read (CVE-2025-55315 and its like).
        for written in ("{:x};a\nb\r\n{}\r\n0\r\n\r\n", "{:x};a\x00b\r\n{}\r\n0\r\n\r\n"):
            body = self.outer().decode()
            self.add(f"chunks: {written!r}", "9112 §7.1.1", chunked(written.format(len(body), body).encode() + self.inner()),
                     ONE)
        body = self.outer().decode()
        self.add("chunks: one that would never end", "9112 §7.1", chunked(f"7fffffffffffffff\r\n{body}\r\n0\r\n\r\n".encode()),
                 WAITS)
        body = self.outer().decode()
        self.add("chunks: a space after the size", "9112 §7.1.1", chunked(f"{len(body):x} \r\n{body}\r\n0\r\n\r\n".encode()),
                 ONE)
        body = self.outer().decode()
        self.add("chunks: a large extension", "9112 §7.1.1",
                 chunked(f"{len(body):x};{'a' * 100_000}\r\n{body}\r\n0\r\n\r\n".encode()), ONE)
        body = self.outer()
        self.add("chunks: one for each byte", "9112 §7.1",
                 chunked(b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"), SERVED)

    def trailers(self):
        for line, expected in ((b"x-evil: 1", ONE), (b"content-length: 5", ONE), (b"authorization: Bearer x", ONE),
                               (b"transfer-encoding: chunked", ONE), (b"host: evil", ONE), (b"no colon", ONE),
                               (b"x-evil: 1\nx: y", ONE), (b" x-evil: 1", ONE), (b"x" * 200_000 + b": y", ONE),
                               (b"\r\n".join(b"x-evil-%d: y" % n for n in range(5000)), ONE)):
            body = self.outer()
            self.add(f"trailer {line[:30]!r}", "9112 §7.1.2",
                     self.head("transfer-encoding: chunked") + b"%x\r\n%s\r\n0\r\n" % (len(body), body) + line + b"\r\n\r\n",
                     expected)
        body = self.outer()
        self.add("a request where trailers stand", "9112 §7.1.2", self.head("transfer-encoding: chunked")
                 + b"%x\r\n%s\r\n0\r\n" % (len(body), body) + self.inner(), ONE)

    def fields(self):
        for line in (b"x-evil : 1", b"x-evil\t: 1", b": 1", b"no colon", b"x(y): 1", b"x y: 1", b"x\x00y: 1", b"x: a\x00b",
                     b"x: a\rx-evil: 1", b"\rx-evil: 1", b"x\x7f: 1", b"x\xff: 1", b"x: a\x01b", b"x@y: 1", b"x\r: 1"):
            self.add(f"field {line!r}", "9112 §5.1", self.plain(line), REFUSED)
        self.add("a folded field", "9112 §5.2", self.plain(b"x: a\r\n x-evil: 1"), ONE)
        self.add("a fold before all fields", "9112 §2.2", self.plain(first=f"POST {CHAT} HTTP/1.1\r\n x-evil: 1"), REFUSED)
        self.add("bytes of text beyond ASCII", "9110 §5.5", self.plain(b"x: caf\xc3\xa9 \xff"), SERVED)
        self.add("an empty value", "9110 §5.5", self.plain(b"x:"), SERVED)
        body = self.outer()
        self.add("lines that end in a bare LF", "9112 §2.2",
                 self.head(f"content-length: {len(body)}").replace(b"\r\n", b"\n") + body, ONE)
        for line in ("connection: close, authorization", "connection: host", "connection: content-length",
                     "connection: transfer-encoding, content-type", "proxy-connection: keep-alive",
                     "keep-alive: 99", "x-forwarded-for: 1.2.3.4\r\nforwarded: for=1.2.3.4\r\nvia: 1.1 evil",
                     "x-http-method-override: DELETE", "x-original-url: /v1/files", "x-tidegate-evil: 1",
                     "x-api-key: sk-evil\r\ncookie: a=b", "proxy-authorization: Basic eDp5"):
            self.add(f"field {line!r}", "9110 §7.6.1", self.plain(line), ONE)
        self.add("two credentials", "9110 §5.3", self.plain("authorization: Bearer sk-tg-other"), ONE)

    def floods(self):
        for count in (300, 2_000, 50_000):
            self.add(f"{count} fields", "9110 §5.4", self.plain(*(f"x-{n}: y" for n in range(count))), REFUSED)
        for size in (70_000, 1 << 20, 8 << 20):
            self.add(f"a value of {size} bytes", "9110 §5.4", self.plain("x: " + "y" * size), ONE if size < 1 << 20 else REFUSED)
        self.add("a name of 1 MiB", "9110 §5.4", self.plain("x" * (1 << 20) + ": y"), REFUSED)
        self.add("a target of 1 MiB", "9112 §3", self.plain(first=f"POST {CHAT}?x={'y' * (1 << 20)} HTTP/1.1"), REFUSED)
        self.add("a method of 1 MiB", "9112 §3", self.plain(first="P" * (1 << 20) + f" {CHAT} HTTP/1.1"), REFUSED)
        self.add("1 MiB of empty lines", "9112 §2.2", b"\r\n" * (1 << 19) + self.plain(), ONE)

    def hosts(self):
        self.add("no host", "9112 §3.2", self.plain(host=None), REFUSED)
        self.add("two hosts", "9112 §3.2", self.plain("host: other"), REFUSED)
        self.add("the same host twice", "9112 §3.2", self.plain("host: gateway"), REFUSED)
        for host in ("a b", "a,b", "user@gateway", "gateway/x", "gateway:80:80", "gateway:x", "gateway\tx", "[::1", "a?b", "a#b"):
            self.add(f"host {host!r}", "9112 §3.2", self.plain(host=f"host: {host}"), ONE)
        self.add("no host in HTTP/1.0", "9112 §3.2", self.plain(host=None, first=f"POST {CHAT} HTTP/1.0"), ONE)

    def first_lines(self):
        for first in (f"POST {CHAT}", f"POST {CHAT} HTTP/2.0", f"POST {CHAT} HTTP/3.7", f"POST {CHAT} HTTP/1.10",
                      f"POST {CHAT} HTTP/1", f"POST {CHAT} HTTP/01.1", f"POST {CHAT} HTTP/1.1 x", f"POST {CHAT} http/1.1",
                      f"POST {CHAT} HTTPS/1.1", f"POST {CHAT} HTTP 1.1", f"POST\t{CHAT}\tHTTP/1.1", f" POST {CHAT} HTTP/1.1",
                      f"PO\x00ST {CHAT} HTTP/1.1", f"P(ST {CHAT} HTTP/1.1", f"{CHAT} HTTP/1.1", "POST  HTTP/1.1", "\x16\x03\x01",
                      f"post {CHAT} HTTP/1.1", f"POST {CHAT} HTTP/1.1\x0b", f"POST: {CHAT} HTTP/1.1"):
            self.add(f"{first!r}", "9112 §3", self.plain(first=first), REFUSED)
        for first in (f"POST  {CHAT} HTTP/1.1", f"POST {CHAT}  HTTP/1.1", f"POST {CHAT} HTTP/1.1 ", f"POST {CHAT} HTTP/1.2",
                      f"POST {CHAT} HTTP/1.0"):
            self.add(f"{first!r}", "9112 §3", self.plain(first=first), ONE)
        self.add("HTTP/0.9", "9112 §C.2", b"GET /v1/models\r\n", WAITS)
        self.add("an empty line before the request", "9112 §2.2", b"\r\n" + self.plain(), SERVED)

    def targets(self):
        for target in ("*", "", "gateway:443", "http://evil.example/", "/openai/v1/../v1/chat/completions",
                       "/openai/v1/%2e%2e/v1/chat/completions", "//openai/v1/chat/completions", "/openai/v1//chat/completions",
                       "/openai/v1/./chat/completions", "/openai/v1/chat%2fcompletions", "/openai/v1/chat\\completions",
                       "/openai/v1/chat/completions/", "/openai/v1/chat/completions%00", "/openai/v1/chat/completions%0d%0ax:y",
                       "/openai/v1/chat/completions\x00", "/openai/v1/chat/completions;x=y", "/OPENAI/v1/chat/completions",
                       "/openai/v1/chat/completions\xff", "/openai/v1/chat/comple\x01tions", "/_standin/requests", "/metrics", "/api/v1/keys",
                       CHAT + " x", CHAT + "\tx"):
            self.add(f"target {target!r}", "9112 §3.2", self.plain(first=f"POST {target} HTTP/1.1"), REFUSED)
        for target in (f"http://gateway{CHAT}", f"http://evil.example{CHAT}", f"ftp://gateway{CHAT}", f"http://u:p@gateway{CHAT}",
                       CHAT + "#x", CHAT + "?x=%0d%0a", CHAT + "?"):
            self.add(f"target {target!r}", "9112 §3.2", self.plain(first=f"POST {target} HTTP/1.1"), ONE)
        self.add("CONNECT", "9110 §9.3.6", self.head(first="CONNECT gateway:443 HTTP/1.1") + self.inner(), REFUSED)
        self.add("CONNECT to a path", "9110 §9.3.6", self.head(first=f"CONNECT {CHAT} HTTP/1.1"), REFUSED)
        self.add("TRACE", "9110 §9.3.8", self.head(first=f"TRACE {CHAT} HTTP/1.1"), REFUSED)

    def bodies_where_none_belongs(self):
        for method in ("GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "PUT"):
            inner = self.inner()
            self.add(f"{method} with a request as its body", "9110 §9.3.1",
                     self.head(f"content-length: {len(inner)}", first=f"{method} /v1/models HTTP/1.1") + inner, ONE)
        inner = self.inner()
        self.add("a body that was to wait for 100, of a refused call", "9110 §10.1.1",
                 self.head(f"content-length: {len(inner)}", "expect: 100-continue", first="POST /nowhere HTTP/1.1") + inner,
                 REFUSED)
        self.add("an expectation that nobody knows", "9110 §10.1.1", self.plain("expect: 200-maybe"), ONE)

    def upgrades(self):
        h2c = ("connection: upgrade, http2-settings", "upgrade: h2c", "http2-settings: AAMAAABkAAQAAP__")
        self.add("an upgrade to h2c", "9113 §3.1", self.plain(*h2c), ONE)
        socket = ("connection: upgrade", "upgrade: websocket", "sec-websocket-version: 13",
                  "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==")
        for name, target in (("a route of the API", "/openai/v1/realtime"), ("another's host", "/edge/api.openai.com/v1/realtime"),
                             ("nowhere", "/nowhere")):
            self.add(f"a WebSocket at {name}", "6455 §4.2", self.head(*socket, first=f"GET {target} HTTP/1.1"), REFUSED)
        self.add("a WebSocket by POST", "6455 §4.1", self.plain(*socket), REFUSED)
        self.add("a WebSocket of version 0", "6455 §4.4",
                 self.head(*socket[:2], "sec-websocket-version: 0", first="GET /openai/v1/responses HTTP/1.1"), REFUSED)
        self.add("a WebSocket whose key is none", "6455 §4.2.1",
                 self.head(*socket[:3], "sec-websocket-key: x", first="GET /openai/v1/responses HTTP/1.1"), REFUSED)
        inner = self.inner()
        self.add("a WebSocket with a body", "6455 §4.1",
                 self.head(*socket, f"content-length: {len(inner)}", first="GET /openai/v1/responses HTTP/1.1") + inner, REFUSED)
        self.add("an upgrade to TLS", "9110 §7.8", self.plain("connection: upgrade", "upgrade: TLS/1.2"), ONE)
        self.add("half a preface of HTTP/2", "9113 §3.4", b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n" + self.plain(), REFUSED)
        self.add("a preface of HTTP/1.1", "9113 §3.4", b"PRI * HTTP/1.1\r\n\r\n", REFUSED)
