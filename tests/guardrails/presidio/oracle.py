"""python-stdnum and our checks must agree on every number: so many valid ones, as many with another sign, and as
many at random, for each kind. `oracle.py SCANNER [EACH]`, where SCANNER is the crate's example `pii`; 1,000 of each
unless it is said."""
import importlib
import subprocess
import sys

import made

# Our rule, python-stdnum's module, the shape of its numbers.
KINDS = [
    ("us-npi", None, "1#########"), ("ca-sin", "ca.sin", "5########"), ("us-aba-routing", "us.rtn", "0########"), ("gb-nhs", "gb.nhs", "##########"),
    ("gb-utr", "gb.utr", "##########"), ("ie-pps", "ie.pps", "#######@"), ("au-tfn", "au.tfn", "#########"), ("au-abn", "au.abn", "###########"),
    ("au-acn", "au.acn", "#########"), ("nz-ird", "nz.ird", "1########"), ("de-tax-id", "de.idnr", "###########"), ("de-vat", "de.vat", "DE#########"),
    ("at-svnr", "at.vnr", "1###010180"), ("ch-ahv", "ch.ssn", "756##########"), ("fr-nir", "fr.nir", "1##05##########"), ("fr-siren", "fr.siren", "#########"),
    ("fr-siret", "fr.siret", "##############"), ("fr-tax-number", "fr.nif", "0############"), ("es-nif", "es.dni", "########@"), ("es-nie", "es.nie", "X#######@"),
    ("es-cif", "es.cif", "A########"), ("pt-nif", "pt.nif", "2########"), ("it-codice-fiscale", "it.codicefiscale", "RSSMRA##A0#A562@"),
    ("it-partita-iva", "it.iva", "0######0###"), ("nl-bsn", "nl.bsn", "#########"), ("be-national-number", "be.nn", "##01#######"),
    ("se-personnummer", "se.personnummer", "8#0#1#-####"), ("se-organisationsnummer", "se.orgnr", "556#######"), ("fi-hetu", "fi.hetu", "1#0#8#-###@"),
    ("no-fodselsnummer", "no.fodselsnummer", "1#0########"), ("is-kennitala", "is_.kennitala", "1#0#8####9"), ("ee-isikukood", "ee.ik", "38#0#1#####"),
    ("lt-asmens-kodas", "lt.asmens", "38#0#1#####"), ("pl-pesel", "pl.pesel", "##0#1######"), ("pl-nip", "pl.nip", "##########"), ("pl-regon", "pl.regon", "#########"),
    ("cz-rodne-cislo", "cz.rc", "8#0#1#/####"), ("ro-cnp", "ro.cnp", "18#0#1#40####"), ("bg-egn", "bg.egn", "8#0#1#####"), ("hr-oib", "hr.oib", "###########"),
    ("rs-jmbg", "si.emso", "1#0#98#50####"), ("gr-amka", "gr.amka", "1#0#8######"), ("gr-afm", "gr.vat", "0########"), ("tr-tckn", "tr.tckimlik", "###########"),
    ("il-id", "il.idnr", "#########"), ("za-id", "za.idnr", "8#0#1#####08#"), ("in-aadhaar", "in_.aadhaar", "############"), ("in-gstin", "in_.gstin", "27@@@P@####@1Z@"),
    ("kr-rrn", "kr.rrn", "8#0#1#-1######"), ("kr-brn", "kr.brn", "1#########"), ("th-tnin", "th.pin", "1############"), ("br-cpf", "br.cpf", "###########"),
    ("br-cnpj", "br.cnpj", "########0001##"), ("ar-cuit", "ar.cuit", "20#########"), ("cl-rut", "cl.rut", "########-#"), ("pe-ruc", "pe.ruc", "20#########"),
    ("mx-curp", "mx.curp", "BOXW8#0#1#HNERXN0#"), ("cn-resident-id", "cn.ric", "3604261991010#####"), ("id-nik", "id.nik", "3171011208######"),
    ("my-nric", "my.nric", "8#0#1#-01-####"), ("credit-card", "luhn", "4###############"), ("bitcoin-address", "bitcoin", None),
]

# Where we hold to more than the other does: all digits the same and the like, days that no month has, ranges that were
# never given, Korean check digits.
STRICTER = {"ca-sin", "us-aba-routing", "gb-nhs", "nl-bsn", "fr-siren", "pl-nip", "pl-regon", "kr-brn", "il-id", "au-acn", "au-tfn", "gb-utr", "hr-oib",
            "it-partita-iva", "in-gstin", "id-nik", "my-nric", "gr-afm", "za-id", "pt-nif", "fr-nir",
            "be-national-number", "lt-asmens-kodas"}
# Where the other holds to more: the real list of places or counties, days to come, Korean numbers since 2020 that have no
# check digit.
LOOSER = {"cn-resident-id", "id-nik", "my-nric", "bg-egn", "no-fodselsnummer", "be-national-number", "kr-rrn", "cz-rodne-cislo", "ro-cnp", "is-kennitala",
          "se-personnummer", "ee-isikukood", "lt-asmens-kodas", "au-acn", "fr-nir", "pl-pesel", "gr-amka", "za-id", "rs-jmbg", "at-svnr", "fi-hetu", "in-gstin",
          "it-codice-fiscale", "mx-curp", "se-organisationsnummer", "br-cnpj", "kr-brn"}


def numbers(shape, valid, rng, each):
    if shape is None:
        right = [made.wallet(rng) for _ in range(each)]
    else:
        right = [made.until(rng, shape, valid) for _ in range(each)]
    for number in right:
        yield number
        at = rng.randrange(len(number))
        signs = "0123456789" if number[at].isdigit() else made.UPPER if number[at].isupper() else number[at]
        yield number[:at] + rng.choice(signs) + number[at + 1:]
        yield made.fill(rng, shape) if shape else number[:-1] + rng.choice("123456789")


def npi(number):
    from stdnum import luhn
    return luhn.is_valid("80840" + number)


def main():
    scanner, each, bad = sys.argv[1], int((sys.argv[2:] or [1000])[0]), 0
    for kind, module, shape in KINDS:
        valid = importlib.import_module(f"stdnum.{module}").is_valid if module else npi
        rng = made.of_seed(kind)
        all_ = list(numbers(shape, valid, rng, each))
        lines = "".join(f"{kind}\t{number}\n" for number in all_)
        answers = subprocess.run([scanner, "check"], input=lines, capture_output=True, text=True, check=True).stdout.split()
        refused = [number for number, answer in zip(all_, answers, strict=True) if valid(number) and answer == "no"]
        taken = [number for number, answer in zip(all_, answers, strict=True) if not valid(number) and answer == "yes"]
        wrong = bool(refused and kind not in STRICTER) or bool(taken and kind not in LOOSER)
        bad += wrong
        note = "DIFFERS" if wrong else "agrees" if not refused and not taken else "agrees but for what is said above"
        print(f"{kind}: {len(all_)} numbers, {note}; refused {len(refused)} {refused[:3]}, taken {len(taken)} {taken[:3]}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
