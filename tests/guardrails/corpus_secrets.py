"""Texts to compare scanners for secrets over: every rule's examples and counterexamples put into source
code, logs, JSON, prose and settings; and clean prose and code with nothing in them to find. All made with a
seed."""
import json
import random
import subprocess
from pathlib import Path

WORDS = """the a this that our your their some each every when while after before because although if once
service gateway team user client server request answer stream model budget limit report table field value
password secret token key credential access account login session header password reset api rotate expire
github gitlab slack stripe twilio datadog openai anthropic azure aws google cloudflare vercel heroku sentry
is was are were has had can will should must may reads writes sends keeps needs finds shows returns checks
slowly quickly often rarely again twice first last new old long short safe plain empty""".split()


def sentence(rng):
    words = [rng.choice(WORDS) for _ in range(rng.randint(6, 16))]
    extra = rng.random()
    if extra < 0.08:
        words.insert(3, "%08x-%04x-4%03x-a%03x-%012x" % (rng.getrandbits(32), rng.getrandbits(16),
                     rng.getrandbits(12), rng.getrandbits(12), rng.getrandbits(48)))
    elif extra < 0.12:
        words.insert(3, "commit %040x" % rng.getrandbits(160))
    elif extra < 0.16:
        words.insert(3, "v%d.%d.%d" % (rng.randint(0, 9), rng.randint(0, 40), rng.randint(0, 99)))
    elif extra < 0.2:
        words.insert(3, "https://docs.example.org/%s/%s?page=%d" % (rng.choice(WORDS), rng.choice(WORDS),
                     rng.randint(1, 90)))
    elif extra < 0.23:
        words.insert(3, "(key: %s, token = <%s>)" % (rng.choice(WORDS), rng.choice(WORDS)))
    return " ".join(words).capitalize() + rng.choice([".", ".", ".", "?", ":"])


def prose(rng, size):
    text = []
    length = 0
    while length < size:
        text.append(" ".join(sentence(rng) for _ in range(rng.randint(2, 6))) + "\n")
        length += len(text[-1])
    return "\n".join(text)


def embeddings(rng, text):
    """The text in surroundings, by kind."""
    stamp = "2026-11-%02dT10:%02d:%02dZ" % (rng.randint(1, 28), rng.randint(0, 59), rng.randint(0, 59))
    indented = text.replace("\n", "\n    ")
    return {
        "alone": text + "\n",
        "code": 'import os\n\n\ndef main():\n    """%s"""\n    %s\n    return os.getcwd()\n'
                % (sentence(rng), indented),
        "log": "%s INFO starting up\n%s WARN body: %s\n%s INFO done in 12 ms\n" % (stamp, stamp, text, stamp),
        "json": json.dumps({"role": "user", "content": "%s\n%s\n%s" % (sentence(rng), text, sentence(rng))},
                           indent=1) + "\n",
        "prose": "%s\n%s\n\n%s\n\n%s\n" % (sentence(rng), sentence(rng), text, sentence(rng)),
        "settings": "# %s\nLOG_LEVEL=info\n%s\nPORT=8080\n" % (sentence(rng), text),
    }


def write_samples(samples, folder, seed):
    """One file for each sample and surroundings. Gives the sample of each file's name."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    index = {}
    for number, sample in enumerate(samples):
        for kind, text in embeddings(rng, sample["text"]).items():
            name = "s%05d-%s.txt" % (number, kind)
            (folder / name).write_text(text)
            index[name] = dict(sample, kind=kind)
    return index


def tracked(root):
    names = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True)
    return [root / name for name in names.stdout.splitlines()]


def write_clean(root, folder, seed, size):
    """Documents and code of this repository, and made prose that is full of vendors' names and words such as
    key and token. Lock files, which are nothing but hashes, and the guardrails' own folders stay out."""
    rng = random.Random(seed)
    sizes = {"prose": 0}
    kinds = {"documents": {".md"},
             "code": {".rs", ".ts", ".tsx", ".py", ".sql", ".css", ".sh", ".yaml", ".yml"}}
    for kind, suffixes in kinds.items():
        (folder / kind).mkdir(parents=True, exist_ok=True)
        sizes[kind] = 0
        for number, path in enumerate(tracked(root)):
            if path.suffix not in suffixes or not path.is_file() or "guardrails" in path.parts:
                continue
            text = path.read_text(errors="replace")
            (folder / kind / ("%05d-%s" % (number, path.name))).write_text(text)
            sizes[kind] += len(text.encode())
    (folder / "prose").mkdir()
    for number in range(size):
        text = prose(rng, 1 << 20)
        (folder / "prose" / ("made-%02d.txt" % number)).write_text(text)
        sizes["prose"] += len(text.encode())
    return sizes


def write_copies(clean, folder, kinds, copies):
    """Copies of the clean texts, none the same as another: some scanners look at the same bytes only once."""
    for kind in kinds:
        for number in range(copies):
            (folder / kind / str(number)).mkdir(parents=True)
            for path in (clean / kind).iterdir():
                text = "%s\ncopy %d\n" % (path.read_text(errors="replace"), number)
                (folder / kind / str(number) / path.name).write_text(text)
    return folder


def fresh(folder):
    """An empty folder."""
    if folder.exists():
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def root():
    return Path(__file__).resolve().parents[2]
