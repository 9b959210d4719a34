"""Valid numbers of each kind, made from a seed: by python-stdnum where it knows the kind, so that what
they are judged by is not our own arithmetic."""
import ipaddress
import random

import phonenumbers
from stdnum import iban, luhn
from stdnum.at import vnr
from stdnum.au import abn, acn, tfn
from stdnum.be import nn
from stdnum.br import cnpj, cpf
from stdnum.ca import sin
from stdnum.de import idnr
from stdnum.de import vat as de_vat
from stdnum.es import cif, nie, nif
from stdnum.fi import hetu
from stdnum.fr import nir, siren, siret
from stdnum.gb import nhs, utr
from stdnum.in_ import aadhaar, gstin, pan
from stdnum.it import codicefiscale, iva
from stdnum.kr import rrn
from stdnum.nl import bsn
from stdnum.pl import nip, pesel, regon
from stdnum.pt import nif as pt_nif
from stdnum.se import orgnr, personnummer
from stdnum.th import pin
from stdnum.tr import tckimlik
from stdnum.us import itin, rtn, ssn
from stdnum.za import idnr as za_idnr

UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SIGNS = {"#": "0123456789", "@": UPPER}


def fill(rng, shape):
    """`#` becomes a digit, `@` a capital, the rest stays."""
    return "".join(rng.choice(SIGNS[sign]) if sign in SIGNS else sign for sign in shape)


def day(rng):
    year, month = rng.randint(1940, 2009), rng.randint(1, 12)
    return year, month, rng.randint(1, 28)


def ymd(rng):
    year, month, date = day(rng)
    return f"{year % 100:02}{month:02}{date:02}"


def dmy(rng):
    year, month, date = day(rng)
    return f"{date:02}{month:02}{year % 100:02}"


def until(rng, shape, valid):
    """Numbers of a shape until one is valid; a shape may be a function that gives shapes."""
    while True:
        number = fill(rng, shape(rng) if callable(shape) else shape)
        if valid(number):
            return number


def grouped(number, *lengths, by=" "):
    parts, at = [], 0
    for length in lengths:
        parts.append(number[at:at + length])
        at += length
    return by.join(parts)


def spelled(rng, number, *forms):
    """The number in one of the forms (functions), or as it is."""
    return rng.choice([lambda n: n, *forms])(number)


def credit_card(rng):
    prefix, length = rng.choice([("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("34", 15), ("37", 15),
                                 ("6011", 16), ("3528", 16), ("36", 14)])
    body = fill(rng, prefix + "#" * (length - len(prefix) - 1))
    number = body + luhn.calc_check_digit(body)
    if length == 16:
        return spelled(rng, number, lambda n: grouped(n, 4, 4, 4, 4), lambda n: grouped(n, 4, 4, 4, 4, by="-"))
    return number


def iban_of(country, shape):
    def make(rng):
        body = fill(rng, shape)
        number = iban.calc_check_digits(country + "00" + body)
        whole = country + number + body
        return spelled(rng, whole, lambda n: " ".join(n[at:at + 4] for at in range(0, len(n), 4)))
    return make


def base58(data):
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    value, text = int.from_bytes(data, "big"), ""
    while value:
        value, rest = divmod(value, 58)
        text = alphabet[rest] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def wallet(rng):
    from hashlib import sha256
    body = bytes([rng.choice([0, 5])]) + rng.randbytes(20)
    return base58(body + sha256(sha256(body).digest()).digest()[:4])


def ipv4(rng):
    while True:
        address = ipaddress.IPv4Address(rng.getrandbits(32))
        if address.is_global and not address.is_multicast:
            return str(address)


def ipv6(rng):
    address = ipaddress.IPv6Address((0x2a00 << 112) | rng.getrandbits(112))
    return rng.choice([str(address), str(ipaddress.IPv6Address((0x2606 << 112) | rng.getrandbits(32)))])


def mac(rng):
    by = rng.choice(":-")
    return by.join(f"{rng.randrange(256):02x}" for _ in range(6))


def npi(rng):
    body = fill(rng, rng.choice("12") + "########")
    return body + luhn.calc_check_digit("80840" + body)


def dea(rng):
    body = [rng.randrange(10) for _ in range(6)]
    check = (body[0] + body[2] + body[4] + 2 * (body[1] + body[3] + body[5])) % 10
    return rng.choice("ABFGM") + rng.choice(UPPER) + "".join(map(str, body)) + str(check)


def mbi(rng):
    letters = "ACDEFGHJKMNPQRTUVWXY"
    either = letters + "0123456789"
    pick = rng.choice
    text = (pick("123456789") + pick(letters) + pick(either) + fill(rng, "#") + pick(letters) + pick(either)
            + fill(rng, "#") + pick(letters) + pick(letters) + fill(rng, "##"))
    return spelled(rng, text, lambda n: grouped(n, 4, 3, 4, by="-"))


def nino(rng):
    prefix = rng.choice(["AB", "CE", "JG", "HH", "PW", "SC", "WK"])
    text = prefix + fill(rng, "######") + rng.choice("ABCD")
    return spelled(rng, text, lambda n: grouped(n, 2, 2, 2, 2, 1))


def gb_licence(rng):
    year, month, date = day(rng)
    decade, year = divmod(year % 100, 10)
    return fill(rng, "@@@@@") + f"{decade}{month:02}{date:02}{year}" + fill(rng, "@9") + fill(rng, "9@@")


def medicare(rng):
    body = fill(rng, rng.choice("23456") + "#######")
    check = sum(int(digit) * weight for digit, weight in zip(body, [1, 3, 7, 9, 1, 3, 7, 9])) % 10
    return spelled(rng, f"{body}{check}{rng.randint(1, 9)}", lambda n: grouped(n, 4, 5, 1))


def icao(text):
    """ICAO Doc 9303's check digit."""
    return sum(int(sign, 36) * weight for sign, weight in zip(text, [7, 3, 1] * 3)) % 10


def de_card(first):
    def make(rng):
        signs = "CFGHJKLMNPRTVWXYZ0123456789"
        while True:
            text = rng.choice(first) + "".join(rng.choice(signs) for _ in range(8))
            if sum(sign.isdigit() for sign in text) > 2:
                # On the card the check digit is not printed; in the machine's lines and in forms it is.
                return text + rng.choice(["", str(icao(text))])
    return make


def rvnr(rng):
    body = fill(rng, rng.choice(["12", "15", "65", "38"])) + dmy(rng) + fill(rng, "@") + fill(rng, "##")
    flat = "".join(f"{ord(sign) - 64:02}" if sign.isalpha() else sign for sign in body)
    products = (int(digit) * weight for digit, weight in zip(flat, [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]))
    return body + str(sum(product // 10 + product % 10 for product in products) % 10)


def kvnr(rng):
    body = fill(rng, "@########")
    flat = f"{ord(body[0]) - 64:02}" + body[1:]
    products = (int(digit) * weight for digit, weight in zip(flat, [1, 2] * 5))
    return body + str(sum(product // 10 + product % 10 for product in products) % 10)


def nric(rng):
    series = rng.choice("STFG")
    body = fill(rng, "#######")
    total = sum(int(digit) * weight for digit, weight in zip(body, [2, 7, 6, 5, 4, 3, 2]))
    rest = (total + (4 if series in "TG" else 0)) % 11
    return series + body + ("JZIHGFEDCBA" if series in "ST" else "XWUTRQPNMLK")[rest]


def codice(rng):
    year, month, date = day(rng)
    # Of names and surnames mostly their consonants.
    body = ("".join(rng.choice("BCDFGLMNPRSTV") for _ in range(6)) + f"{year % 100:02}" + "ABCDEHLMPRST"[month - 1]
            + f"{date + rng.choice([0, 40]):02}" + rng.choice(["F205", "H501", "L219", "A944"]))
    return body + codicefiscale.calc_check_digit(body)


def fr_nir(rng):
    body = (rng.choice("12") + fill(rng, "##") + f"{rng.randint(1, 12):02}" + f"{rng.randint(1, 95):02}"
            + fill(rng, "######"))
    number = body + nir.calc_check_digits(body)
    return spelled(rng, number, lambda n: grouped(n, 1, 2, 2, 2, 3, 3, 2))


def kr(rng):
    return until(rng, lambda rng: ymd(rng) + rng.choice("12") + "######", rrn.is_valid)


MAKERS = {
    "credit-card": credit_card,
    "ipv4": ipv4,
    "ipv6": ipv6,
    "mac-address": mac,
    "bitcoin-address": wallet,
    "us-ssn": lambda rng: spelled(rng, until(rng, "#########", ssn.is_valid), lambda n: grouped(n, 3, 2, 4, by="-"),
                                  lambda n: grouped(n, 3, 2, 4, by="-")),
    "us-itin": lambda rng: grouped(until(rng, "9########", itin.is_valid), 3, 2, 4, by="-"),
    "us-npi": npi,
    "us-aba-routing": lambda rng: until(rng, f"{rng.choice([*range(1, 13), *range(21, 33)]):02}#######", rtn.is_valid),
    "us-bank-account": lambda rng: fill(rng, "#" * rng.randint(9, 14)),
    "us-driver-license": lambda rng: fill(rng, rng.choice(["@#######", "@########", "#########", "@############"])),
    "us-mbi": mbi,
    "us-dea": dea,
    "passport-us": lambda rng: fill(rng, "#########"),
    "gb-nhs": lambda rng: spelled(rng, until(rng, "##########", nhs.is_valid), lambda n: grouped(n, 3, 3, 4)),
    "gb-nino": nino,
    "gb-utr": lambda rng: until(rng, "##########", utr.is_valid),
    "gb-driving-licence": gb_licence,
    "au-tfn": lambda rng: spelled(rng, until(rng, "#########", tfn.is_valid), lambda n: grouped(n, 3, 3, 3)),
    "au-abn": lambda rng: spelled(rng, until(rng, "###########", abn.is_valid), lambda n: grouped(n, 2, 3, 3, 3)),
    "au-acn": lambda rng: spelled(rng, until(rng, "#########", acn.is_valid), lambda n: grouped(n, 3, 3, 3)),
    "au-medicare": medicare,
    "ca-sin": lambda rng: spelled(rng, until(rng, rng.choice("1234567") + "########", sin.is_valid),
                                  lambda n: grouped(n, 3, 3, 3), lambda n: grouped(n, 3, 3, 3, by="-")),
    "in-aadhaar": lambda rng: spelled(rng, until(rng, rng.choice("23456789") + "###########", aadhaar.is_valid),
                                      lambda n: grouped(n, 4, 4, 4)),
    "in-pan": lambda rng: until(rng, "@@@P@####@", pan.is_valid),
    "in-gstin": lambda rng: until(rng, "27@@@P@####@#Z@", gstin.is_valid),
    "in-voter": lambda rng: fill(rng, "@@@#######"),
    "in-passport": lambda rng: fill(rng, rng.choice("JKLMNRSTZ")) + fill(rng, rng.choice("123456789")) + fill(rng, "#####")
    + rng.choice("123456789"),
    "sg-nric": nric,
    "za-id": lambda rng: until(rng, lambda rng: ymd(rng) + "####" + rng.choice("01") + "8#", za_idnr.is_valid),
    "de-tax-id": lambda rng: until(rng, "###########", idnr.is_valid),
    "de-id-card": de_card("LMNPRTVWXY"),
    "de-passport": de_card("CFGHJK"),
    "de-social-security": rvnr,
    "de-health-insurance": kvnr,
    "de-vat": lambda rng: "DE" + until(rng, "#########", de_vat.is_valid),
    "at-svnr": lambda rng: spelled(rng, until(rng, lambda rng: "####" + dmy(rng), vnr.is_valid), lambda n: grouped(n, 4, 6)),
    "fr-nir": fr_nir,
    "fr-siren": lambda rng: spelled(rng, until(rng, "#########", siren.is_valid), lambda n: grouped(n, 3, 3, 3)),
    "fr-siret": lambda rng: spelled(rng, until(rng, "##############", siret.is_valid), lambda n: grouped(n, 3, 3, 3, 5)),
    "es-nif": lambda rng: until(rng, "########@", nif.is_valid),
    "es-nie": lambda rng: until(rng, rng.choice("XYZ") + "#######@", nie.is_valid),
    "es-cif": lambda rng: until(rng, rng.choice("ABGJ") + "########", cif.is_valid),
    "es-passport": lambda rng: fill(rng, "@@@######"),
    "pt-nif": lambda rng: until(rng, "2########", pt_nif.is_valid),
    "it-codice-fiscale": codice,
    "it-partita-iva": lambda rng: until(rng, "0##########", iva.is_valid),
    "it-identity-card": lambda rng: fill(rng, "C@#####@@"),
    "it-driver-license": lambda rng: fill(rng, "@@#######@"),
    "it-passport": lambda rng: fill(rng, "@@#######"),
    "nl-bsn": lambda rng: until(rng, "#########", bsn.is_valid),
    "be-national-number": lambda rng: until(rng, lambda rng: ymd(rng) + "#####", nn.is_valid),
    "se-personnummer": lambda rng: grouped(until(rng, lambda rng: ymd(rng) + "####", personnummer.is_valid), 6, 4, by="-"),
    "se-organisationsnummer": lambda rng: grouped(until(rng, "556#######", orgnr.is_valid), 6, 4, by="-"),
    "fi-hetu": lambda rng: until(rng, lambda rng: dmy(rng) + "-###" + rng.choice("0123456789ABCDEFHJKLMNPRSTUVWXY"), hetu.is_valid),
    "pl-pesel": lambda rng: until(rng, lambda rng: ymd(rng) + "#####", pesel.is_valid),
    "pl-nip": lambda rng: spelled(rng, until(rng, "##########", nip.is_valid), lambda n: grouped(n, 3, 3, 2, 2, by="-")),
    "pl-regon": lambda rng: until(rng, "#########", regon.is_valid),
    "br-cpf": lambda rng: spelled(rng, until(rng, "###########", cpf.is_valid), cpf.format),
    "br-cnpj": lambda rng: spelled(rng, until(rng, "########0001##", cnpj.is_valid), cnpj.format),
    "kr-rrn": lambda rng: grouped(kr(rng), 6, 7, by="-"),
    "th-tnin": lambda rng: until(rng, rng.choice("12345678") + "############", pin.is_valid),
    "tr-tckn": lambda rng: until(rng, "###########", tckimlik.is_valid),
}

def phone(rng, region):
    """A number that libphonenumber holds for valid, in one of the forms in which it writes them."""
    kind = rng.choice([phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE])
    example = phonenumbers.example_number_for_type(region.upper(), kind)
    national = str(example.national_number)
    while True:
        other = int(national[:-6] + fill(rng, "######"))
        number = phonenumbers.PhoneNumber(example.country_code, other, italian_leading_zero=example.italian_leading_zero)
        if phonenumbers.is_valid_number(number):
            forms = phonenumbers.PhoneNumberFormat
            return phonenumbers.format_number(number, rng.choice([forms.NATIONAL, forms.NATIONAL, forms.INTERNATIONAL, forms.E164]))


IBANS = {
    "de": iban_of("DE", "##################"),
    "fr": iban_of("FR", "####################" + "###"),
    "gb": iban_of("GB", "@@@@##############"),
    "es": iban_of("ES", "####################"),
    "it": iban_of("IT", "@######################"),
    "nl": iban_of("NL", "@@@@##########"),
    "se": iban_of("SE", "####################"),
    "pl": iban_of("PL", "########################"),
    "br": iban_of("BR", "#######################@#"),
}


def make(kind, rng):
    return MAKERS[kind](rng)


def of_seed(seed):
    return random.Random(seed)
