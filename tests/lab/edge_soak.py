#!/usr/bin/env python3
"""Ten minutes of a laptop's life, compressed: streams and calls all the time, while apps are denied and
approved, the gateway restarts and the agent restarts.

    sudo TIDEGATE_BIN_DIR=target/release python3 tests/lab/edge_soak.py [SECONDS]

In fail-closed mode nothing may reach the provider but through the gateway; in fail-open mode nothing may
break that is not denied; at the end files and memory are as they were. Prints a line per test.
"""
import http.client
import json
import os
import random
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))

import cgroup  # noqa: E402, the path comes first
import edge  # noqa: E402
import edge_privileges  # noqa: E402
import namespace  # noqa: E402
from rig import Results, Rig, wait_for  # noqa: E402

WORKERS = 12
PINS = "/sys/fs/bpf/tidegate-soak"


def client(stop_file, report, ca):
    """Runs steered: calls until the file is there, and writes what came of them."""
    context = ssl.create_default_context(cafile=ca)
    counts, lock = {}, threading.Lock()

    def note(what):
        with lock:
            counts[what] = counts.get(what, 0) + 1

    def work(seed):
        choice = random.Random(seed)
        while not os.path.exists(stop_file):
            stream = choice.random() < 0.7
            prompt = choice.choice(["hello", "[[pause:0.01]] hello"])
            text = json.dumps({"model": "claude-sonnet-4-5", "max_tokens": 64, "stream": stream,
                               "messages": [{"role": "user", "content": prompt}]})
            connection = http.client.HTTPSConnection("api.anthropic.com", context=context, timeout=30)
            try:
                for _ in range(choice.randint(1, 4)):
                    # A governed call is sent on without this; one that went around the gateway keeps it.
                    connection.request("POST", "/v1/messages", text, {
                        "x-api-key": "sk-of-the-app", "content-type": "application/json",
                        "anthropic-version": "2023-06-01", "accept-encoding": "gzip"})
                    answer = connection.getresponse()
                    read = answer.read()
                    whole = not stream or answer.status != 200 or b"message_stop" in read
                    note(str(answer.status) if whole else "cut")
            except TimeoutError:
                note("hung")
            except (OSError, http.client.HTTPException) as error:
                note(type(error).__name__)
            finally:
                connection.close()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Path(report).write_text(json.dumps(counts))


class Soak:
    def __init__(self, lab):
        self.lab, self.rig, self.last = lab, lab.rig, 0

    def settings(self, fail):
        self.rig.api("PUT", "/edge/settings", {"fail": fail, "check_in_seconds": 5, "default_decision": "pending",
                                               "default_mode": "pass_through", "default_pinned": "bypass", "never_block": []})
        wait_for(lambda: (view := self.lab.status()) and view["policy"] and view["policy"]["fail"] == fail, f"fail {fail}",
                 lambda: self.rig.log("edge"), 90)

    def live(self, seconds, name):
        """Clients call while things happen; what came of it, and which calls went around the gateway."""
        stop, report = self.lab.folder / f"{name}.stop", self.lab.folder / f"{name}.json"
        running = subprocess.Popen(self.lab.group.run(sys.executable, __file__, "client", stop, report, self.lab.state / "ca.pem"))
        end, around, turn = time.monotonic() + seconds, 0, 0
        while time.monotonic() < end:
            time.sleep(min(8, seconds / 8))
            turn += 1
            around += self.around()
            if turn % 4 == 1:
                self.rig.api("PUT", "/edge/apps/python", {"decision": "denied", "note": "soak"})
            elif turn % 4 == 2:
                self.rig.api("PUT", "/edge/apps/python", {"decision": "approved"})
            elif turn % 4 == 3:
                self.rig.stop_gateway()
                time.sleep(1)
                self.rig.start_gateway()
            else:
                self.lab.agent.kill() if turn % 8 == 4 else self.lab.agent.terminate()
                self.lab.agent.wait(timeout=30)
                time.sleep(0.5)
                self.lab.start()
        self.rig.api("PUT", "/edge/apps/python", {"decision": "approved"})
        wait_for(self.lab.in_force, "the agent to be in force", lambda: self.rig.log("edge"), 60)
        stop.touch()
        running.wait(timeout=90)
        around += self.around()
        return json.loads(report.read_text()), around

    def around(self):
        """Calls that reached the provider past the gateway since the last look."""
        new = [one for one in self.provider() if one["number"] > self.last]
        self.last = max([one["number"] for one in new], default=self.last)
        return sum(dict(one["headers"]).get("accept-encoding") == "gzip" for one in new)

    def provider(self):
        connection = http.client.HTTPSConnection(edge.PROVIDER, context=ssl._create_unverified_context(), timeout=30)
        connection.request("GET", "/_standin/requests")
        return json.load(connection.getresponse())["requests"]

    def use(self):
        """Open files and memory of loader and relay together."""
        files = rss = 0
        for pid in (self.lab.agent.pid, edge_privileges.relay(self.lab)):
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
            rss += next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
            files += len(os.listdir(f"/proc/{pid}/fd"))
        return files, rss


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    if not namespace.inside():
        if reason := namespace.impossible():
            raise SystemExit(reason)
        namespace.enter()
    namespace.prepare({name: edge.PROVIDER for name in edge.HOSTS})
    subprocess.run(["ip", "address", "add", f"{edge.PROVIDER}/32", "dev", "lo"], check=True)
    results = Results()
    rig = Rig()
    edge.certificates(rig.folder)
    rig.more_config(f'[edge]\nca = "{rig.folder}/lab.crt"\n')
    with cgroup.Cgroup("tidegate-soak") as group, rig:
        rig.spawn("provider", ["tidegate-standin", "--listen", f"{edge.PROVIDER}:443", "--remember", "200000", "--cert",
                               str(rig.folder / "provider.crt"), "--key", str(rig.folder / "provider.key")])
        lab = edge.Lab(rig, rig.folder, group)
        lab.enrol()
        with lab.config.open("a") as config:
            config.write(f'pin = "{PINS}"\n')
        lab.start()
        edge.trust(rig.folder, rig.folder / "lab.crt")  # the agent meets the provider itself where it fails open
        soak = Soak(lab)
        try:
            for fail in ("open", "closed"):
                soak.settings(fail)
                counts, around = soak.live(seconds / 2, fail)
                print(f"     {fail}: {counts}, {around} past the gateway", flush=True)
                results.check(f"fail {fail}: calls were answered, denied and refused", counts.get("200", 0) > 50, counts)
                results.check(f"fail {fail}: nothing hung", "hung" not in counts, counts)
                if fail == "closed":
                    results.check("fail closed: nothing reached the provider past the gateway", around == 0, around)
            lab.agent.terminate()
            lab.agent.wait(timeout=30)
            lab.start()
            first = None
            for _ in range(4):
                subprocess.run(group.run("sh", "-c", "for i in $(seq 50); do curl -s -o /dev/null --max-time 10 -H 'x-api-key: k' "
                                         "-H 'content-type: application/json' -d '{\"model\":\"claude-sonnet-4-5\",\"max_tokens\":9,"
                                         "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}' https://api.anthropic.com/v1/messages; done"),
                               check=False, timeout=120)
                time.sleep(1)
                files, rss = soak.use()
                first = first or (files, rss)
                print(f"     agent: {files} files, {rss} KB", flush=True)
            results.check("the agent's files are flat", files <= first[0] + 4, (first, files))
            results.check("the agent's memory is flat", rss <= first[1] * 1.25 + 2048, (first, rss))
        finally:
            if lab.agent.poll() is None:
                lab.agent.terminate()
                lab.agent.wait(timeout=30)
            subprocess.run([rig.binary("tidegate-edge"), "detach", "--config", str(lab.config)], check=False)
    return results.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["client"]:
        client(*sys.argv[2:])
    else:
        sys.exit(main())
