"""Presidio's recognizers and ours on the same generated texts: precision and recall of each entity, side by
side, into docs/guardrails/personal-data.md.

`compare.py SCANNER [--seed N] [--each N] [--write FILE]`, where SCANNER is the crate's example `pii`."""
import argparse
import json
import re
import subprocess
from collections import defaultdict

import made
import spoken
import theirs
from faker import Faker

# Whose finding stands for the datum as well.
ALSO = {"de-id-card": {"passport"}, "passport": {"de-id-card", "it-identity-card"}, "es-nie": {"es-nif"}, "es-nif": {"es-nie"}, "fr-siret": {"fr-siren"}}
NAMES = {"passport-us": "passport", "in-passport": "passport", "es-passport": "passport", "it-passport": "passport", "de-passport": "passport", "ipv4": "ip",
         "ipv6": "ip", "de-id-card-short": "de-id-card"}


def entity(kind):
    """The name of what both call by different names."""
    if kind.startswith("phone"):
        return "phone"
    return NAMES.get(kind, kind)


def datum(kind, rng, faker, region):
    if kind == "email":
        return rng.choice([faker.email, faker.company_email, faker.free_email])()
    if kind == "phone":
        return made.phone(rng, region)
    if kind == "iban":
        return made.IBANS.get(region, made.IBANS["de"])(rng)
    return made.make(kind, rng)


def spoiled(kind, text, rng):
    """The same with another check digit: mostly the last sign."""
    at = len(text) - (1 if kind != "au-medicare" else 3 if " " in text else 2)
    signs = "0123456789" if text[at].isdigit() else made.UPPER
    return text[:at] + rng.choice([sign for sign in signs if sign != text[at].upper()]) + text[at + 1:]


def nothing(rng):
    hexed = re.sub(r"(?<![a-z])x{4,}|(?<=0x)x+|(?<=-)x+", lambda run: "".join(rng.choice("0123456789abcdef") for _ in run.group()), rng.choice(spoken.NOTHING))
    return made.fill(rng, hexed.replace("@", "\0")).replace("\0", "@")


def corpus(seed, each):
    """Texts with what is in them: (locale, text, (kind, start, end) or None, whether a word names it)."""
    for locale, (language, region, own) in spoken.LOCALES.items():
        rng = made.of_seed(f"{seed} {locale}")
        faker = Faker("en_US" if locale in ("en_SG", "en_ZA") else locale)
        faker.seed_instance(f"{seed} {locale}")
        named, bare = spoken.SENTENCES[language]
        for kind, words in {**spoken.COMMON[language], **own}.items():
            for turn in range(each):
                it = datum(kind, rng, faker, region)
                word = turn % 4 > 0
                text = rng.choice(named if word else bare)
                spoil = kind not in spoken.UNCHECKED and turn % 10 == 9
                it = spoiled(kind, it, rng) if spoil else it
                text = text.format(it="\0", word=rng.choice(words))
                start = text.index("\0")
                gold = None if spoil else (entity(kind), start, start + len(it))
                yield locale, text.replace("\0", it), gold, word
        for _ in range(each * 4):
            yield locale, nothing(rng), None, False


def ours(scanner, texts):
    """What our rules find, in code points as Presidio counts."""
    lines = "".join(json.dumps({"text": text, "regions": [spoken.LOCALES[locale][1]]}) + "\n" for locale, text, *_ in texts)
    answer = subprocess.run([scanner, "scan"], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    for (_, text, *_), line in zip(texts, answer, strict=True):
        octets = text.encode()
        yield [(entity(rule), len(octets[:start].decode()), len(octets[:end].decode()), score) for rule, start, end, score in json.loads(line)]


def covers(finding, gold):
    name, start, end = gold
    return finding[1] <= start and finding[2] >= end and (finding[0] == name or finding[0] in ALSO.get(name, ()))


class Tally:
    """Counts of one tool and entity: found and missed beside a word and without one, and found wrongly."""

    def __init__(self):
        self.hits = {True: [0, 0], False: [0, 0]}
        self.wrong = 0

    def count(self, hit, word):
        self.hits[word][0 if hit else 1] += 1

    def precision(self):
        found = self.hits[True][0] + self.hits[False][0]
        return found / (found + self.wrong) if found + self.wrong else None

    def recall(self, *words):
        found, missed = (sum(self.hits[word][at] for word in words or (True, False)) for at in (0, 1))
        return found / (found + missed) if found + missed else None


def judge(texts, findings, least, kept=None):
    """Counts for one tool from one score on. What lies over a datum that was found by its name does not count
    against it: whoever redacts takes the surer one."""
    tallies = defaultdict(Tally)
    for (locale, text, gold, word), found in zip(texts, findings):
        found = [finding for finding in found if finding[3] >= least]
        hit = gold and any(covers(finding, gold) for finding in found)
        if gold:
            tallies[gold[0]].count(hit, word)
            if not hit and kept is not None:
                kept.append(("missed", locale, gold[0], text))
        over = lambda finding: hit and finding[1] < gold[2] and gold[1] < finding[2]  # noqa: E731
        for name in {finding[0] for finding in found if not over(finding)}:
            tallies[name].wrong += 1
            if kept is not None:
                kept.append(("wrong", locale, name, text))
    return tallies


def share(value):
    return "–" if value is None else f"{value:.3f}"


# How the tools are run: name, whose findings, from which score on.
RUNS = [("Presidio, from 0.5", 0, 0.5), ("Presidio, any score", 0, 0.0), ("Tidegate, from 0.5", 1, 0.5), ("Tidegate, from 0.25", 1, 0.25)]


def table(texts, both, runs):
    """Rows of Markdown: precision / recall beside a word / recall without one."""
    rows = ["| entity | texts | " + " | ".join(name for name, *_ in RUNS) + " |", "|---|---|" + "---|" * len(RUNS)]
    counts = defaultdict(int)
    for _, _, gold, _ in texts:
        if gold:
            counts[gold[0]] += 1
    for name in sorted(counts, key=lambda name: (name not in both, name)):
        cells = []
        for (_, tool, _), tallies in zip(RUNS, runs):
            tally = tallies[name]
            none = tool == 0 and name not in both
            cells.append("none" if none else f"{share(tally.precision())} / {share(tally.recall(True))} / {share(tally.recall(False))}")
        rows.append(f"| {name} | {counts[name]} | {' | '.join(cells)} |")
    return rows


def worse(both, runs):
    """Where the other is better: as the product comes, beside a word; and with the lower line, in all texts."""
    theirs_, _, own, low = runs
    for name in sorted(both):
        pairs = [
            ("precision", theirs_[name].precision(), own[name].precision()),
            ("recall beside a word", theirs_[name].recall(True), own[name].recall(True)),
            ("precision from 0.25", theirs_[name].precision(), low[name].precision()),
            ("recall from 0.25", theirs_[name].recall(), low[name].recall()),
        ]
        for what, left, right in pairs:
            if left is not None and (right or 0) < left:
                yield f"worse {what}: {name} {share(right)} < {share(left)}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("scanner")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=80)
    parser.add_argument("--write")
    parser.add_argument("--show", help="print what we missed or found wrongly of this entity (all: of every)")
    asked = parser.parse_args()
    texts = list(corpus(asked.seed, asked.each))
    analyzers = {locale: theirs.analyzer(language, region) for locale, (language, region, _) in spoken.LOCALES.items()}
    found = [analyzers[locale](text) for locale, text, *_ in texts]
    mine = list(ours(asked.scanner, texts))
    both = set(theirs.ENTITIES.values())
    runs = [judge(texts, (found, mine)[tool], least) for _, tool, least in RUNS]
    rows = table(texts, both, runs)
    print("\n".join(rows + list(worse(both, runs))))
    if asked.show:
        kept = []
        judge(texts, mine, 0.5, kept)
        for what, locale, name, text in kept:
            if asked.show in ("all", name):
                print(what, locale, name, text, sep="\t")
    if asked.write:
        write(asked.write, rows, len(texts), asked)


def write(path, rows, count, asked):
    begin, end = "<!-- presidio: begin -->", "<!-- presidio: end -->"
    with open(path, encoding="utf-8") as file:
        text = file.read()
    head, rest = text.split(begin)
    tail = rest.split(end)[1]
    note = f"{count} texts, seed {asked.seed}, {asked.each} of each kind and locale; Presidio 2.2.366. Precision / recall beside a word / recall without one."
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join([head + begin, note, "", *rows, end + tail]))


if __name__ == "__main__":
    main()
