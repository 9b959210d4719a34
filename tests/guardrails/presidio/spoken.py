"""Sentences of ten languages, the words by which people name each datum, and what must not be found."""

# {it}: the datum, {word}: a word for it.
SENTENCES = {
    "en": (["My {word} is {it}.", "{word}: {it}", "Please update the {word} to {it} today.", "The {word} on file, {it}, is wrong.",
            '{{"{word}": "{it}"}}', "Here is my {word} {it}, thanks."],
           ["It is {it}, as I said.", "{it}", "Please check {it} for me.", "They gave us {it} yesterday."]),
    "de": (["Meine {word} lautet {it}.", "{word}: {it}", "Bitte die {word} auf {it} ändern.", "Hier ist meine {word} {it}, danke."],
           ["Es ist {it}, wie gesagt.", "Bitte {it} prüfen.", "Wir haben gestern {it} erhalten."]),
    "fr": (["Mon {word} est {it}.", "{word} : {it}", "Merci de corriger le {word} en {it}.", "Voici mon {word} {it}, merci."],
           ["C'est {it}, comme convenu.", "Vérifiez {it} s'il vous plaît.", "Nous avons reçu {it} hier."]),
    "es": (["Mi {word} es {it}.", "{word}: {it}", "Cambie el {word} a {it}, por favor.", "Aquí está mi {word} {it}, gracias."],
           ["Es {it}, como dije.", "Compruebe {it} por favor.", "Ayer recibimos {it}."]),
    "it": (["Il mio {word} è {it}.", "{word}: {it}", "Aggiorni il {word} in {it}, per favore.", "Ecco il mio {word} {it}, grazie."],
           ["È {it}, come detto.", "Controlli {it} per favore.", "Ieri abbiamo ricevuto {it}."]),
    "nl": (["Mijn {word} is {it}.", "{word}: {it}", "Wijzig het {word} in {it} a.u.b.", "Hier is mijn {word} {it}, bedankt."],
           ["Het is {it}, zoals gezegd.", "Controleer {it} even.", "Gisteren kregen we {it}."]),
    "sv": (["Mitt {word} är {it}.", "{word}: {it}", "Ändra {word} till {it}, tack.", "Här är mitt {word} {it}."],
           ["Det är {it}, som sagt.", "Kontrollera {it} tack.", "Igår fick vi {it}."]),
    "pl": (["Mój {word} to {it}.", "{word}: {it}", "Proszę zmienić {word} na {it}.", "Oto mój {word} {it}, dziękuję."],
           ["To {it}, jak mówiłem.", "Proszę sprawdzić {it}.", "Wczoraj dostaliśmy {it}."]),
    "pt": (["Meu {word} é {it}.", "{word}: {it}", "Altere o {word} para {it}, por favor.", "Aqui está meu {word} {it}, obrigado."],
           ["É {it}, como eu disse.", "Verifique {it} por favor.", "Ontem recebemos {it}."]),
    "ko": (["제 {word}는 {it}입니다.", "{word}: {it}", "{word} {it} 확인 부탁드립니다."], ["{it} 확인해 주세요.", "어제 {it} 받았습니다."]),
    "fi": (["Minun {word} on {it}.", "{word}: {it}", "Muuta {word} muotoon {it}, kiitos."], ["Se on {it}, kuten sanoin.", "Tarkista {it}."]),
    "tr": (["Benim {word} {it}.", "{word}: {it}", "Lütfen {word} bilgisini {it} olarak değiştirin."], ["Dün {it} aldık.", "Lütfen {it} kontrol edin."]),
}

COMMON = {
    "en": {"email": ["email", "e-mail address"], "phone": ["phone number", "mobile", "telephone"], "credit-card": ["credit card", "card number", "Visa card"],
           "iban": ["IBAN", "bank account"], "ipv4": ["IP", "IP address"], "ipv6": ["IPv6 address"], "mac-address": ["MAC address"], "bitcoin-address": ["Bitcoin wallet", "BTC address"]},
    "de": {"email": ["E-Mail"], "phone": ["Telefonnummer", "Handynummer"], "credit-card": ["Kreditkarte"], "iban": ["IBAN", "Bankverbindung"]},
    "fr": {"email": ["e-mail"], "phone": ["téléphone", "portable"], "credit-card": ["carte bancaire", "numéro de carte"], "iban": ["IBAN", "compte bancaire"]},
    "es": {"email": ["correo electrónico"], "phone": ["teléfono", "móvil"], "credit-card": ["tarjeta de crédito"], "iban": ["IBAN", "cuenta bancaria"]},
    "it": {"email": ["indirizzo email"], "phone": ["telefono", "cellulare"], "credit-card": ["carta di credito"], "iban": ["IBAN", "conto bancario"]},
    "nl": {"email": ["e-mailadres"], "phone": ["telefoonnummer", "mobiel"], "credit-card": ["creditcard"], "iban": ["IBAN", "rekeningnummer"]},
    "sv": {"email": ["e-post"], "phone": ["telefonnummer", "mobilnummer"], "credit-card": ["kortnummer"], "iban": ["IBAN"]},
    "pl": {"email": ["adres e-mail"], "phone": ["telefon", "numer telefonu"], "credit-card": ["numer karty"], "iban": ["IBAN", "rachunek"]},
    "pt": {"email": ["e-mail"], "phone": ["telefone", "celular"], "credit-card": ["cartão de crédito"], "iban": ["IBAN", "conta"]},
    "ko": {"email": ["이메일"]},
    "fi": {"email": ["sähköposti"], "iban": ["IBAN"]},
    "tr": {"email": ["e-posta"], "credit-card": ["kart numarası"]},
}

# Locale: language, region, and what is particular to it.
LOCALES = {
    "en_US": ("en", "us", {
        "us-ssn": ["SSN", "social security number"], "us-itin": ["ITIN"], "us-npi": ["NPI", "provider number"], "us-aba-routing": ["routing number", "ABA number"],
        "us-bank-account": ["bank account number", "checking account number"], "us-driver-license": ["driver's license", "driver license number"],
        "us-mbi": ["Medicare number", "MBI"], "us-dea": ["DEA number"], "passport-us": ["passport number", "US passport"]}),
    "en_GB": ("en", "gb", {
        "gb-nhs": ["NHS number"], "gb-nino": ["national insurance number", "NI number"], "gb-utr": ["UTR"], "gb-driving-licence": ["driving licence"]}),
    "en_AU": ("en", "au", {"au-tfn": ["tax file number", "TFN"], "au-abn": ["ABN"], "au-acn": ["ACN"], "au-medicare": ["Medicare number", "Medicare card"]}),
    "en_CA": ("en", "ca", {"ca-sin": ["SIN", "social insurance number"]}),
    "en_IN": ("en", "in", {
        "in-aadhaar": ["Aadhaar", "Aadhaar number"], "in-pan": ["PAN", "permanent account number"], "in-gstin": ["GSTIN"], "in-voter": ["voter id"],
        "in-passport": ["passport number"]}),
    "en_SG": ("en", "sg", {"sg-nric": ["NRIC", "FIN"]}),
    "en_ZA": ("en", "za", {"za-id": ["ID number", "identity number"]}),
    "de_DE": ("de", "de", {
        "de-tax-id": ["Steuer-ID", "Steueridentifikationsnummer"], "de-id-card": ["Personalausweisnummer", "Ausweisnummer"], "de-passport": ["Reisepassnummer"],
        "de-social-security": ["Rentenversicherungsnummer", "Sozialversicherungsnummer"], "de-health-insurance": ["Versichertennummer", "KVNR"],
        "de-vat": ["USt-ID"]}),
    "fr_FR": ("fr", "fr", {"fr-nir": ["numéro de sécurité sociale"], "fr-siren": ["SIREN"], "fr-siret": ["SIRET"]}),
    "es_ES": ("es", "es", {"es-nif": ["DNI", "NIF"], "es-nie": ["NIE"], "es-cif": ["CIF"], "es-passport": ["pasaporte"]}),
    "it_IT": ("it", "it", {
        "it-codice-fiscale": ["codice fiscale"], "it-partita-iva": ["partita IVA"], "it-identity-card": ["carta d'identità"], "it-driver-license": ["patente di guida"],
        "it-passport": ["passaporto"]}),
    "nl_NL": ("nl", "nl", {"nl-bsn": ["BSN", "burgerservicenummer"]}),
    "sv_SE": ("sv", "se", {"se-personnummer": ["personnummer"], "se-organisationsnummer": ["organisationsnummer"]}),
    "pl_PL": ("pl", "pl", {"pl-pesel": ["PESEL"], "pl-nip": ["NIP"], "pl-regon": ["REGON"]}),
    "pt_BR": ("pt", "br", {"br-cpf": ["CPF"], "br-cnpj": ["CNPJ"]}),
    "ko_KR": ("ko", "kr", {"kr-rrn": ["주민등록번호"]}),
    "fi_FI": ("fi", "fi", {"fi-hetu": ["henkilötunnus", "hetu"]}),
    "tr_TR": ("tr", "tr", {"tr-tckn": ["TC kimlik numarası", "kimlik no"]}),
}

# Kinds that no check digit guards: with another last sign they are as good.
UNCHECKED = {
    "email", "phone", "ipv4", "ipv6", "mac-address", "us-ssn", "us-itin", "us-bank-account", "us-driver-license", "us-mbi", "passport-us", "gb-nino",
    "gb-driving-licence", "in-pan", "in-voter", "in-passport", "es-passport", "it-identity-card", "it-driver-license", "it-passport", "kr-rrn", "de-id-card", "de-passport"}

# Numbers of daily life in code, logs and prose, which are nobody's. `#` is a digit, `x` a hexadecimal one.
NOTHING = [
    "Order ######## shipped on 2024-0#-1#, total $#,###.##", "order no. #########", "invoice INV-2024-######", "tracking ##########",
    "version 1#.2.#.##", "v#.#.#-rc#", "commit xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "id: xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx",
    "sha256:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "ts=17######## level=info took=###ms",
    '{"time": 17###########, "span": "xxxxxxxxxxxxxxxx"}', "2024-0#-1#T1#:2#:3#.######Z GET /v1/items/###### 200 #### ##.###",
    "let x: u64 = ##########;", "const SEED: u128 = ###############;", "pid=##### tid=###### addr=0xxxxxxxxxxxxx", "tweet 17################# liked ### times",
    "population ### ### ###", "ratio 0.############", "$ ###,###.## per unit, SKU ####-#####", "ISBN 978-#-###-#####-#", "EAN 4############",
    "range ######-###### of #### rows", "10.0.#.#:80## -> 192.168.#.1#", "127.0.0.1 - - [1#/Oct/2024:1#:0#:0# +0000]", "build ########.#", "rev ######, ticket ABC-####",
    "at 1#:0#:2# on 0#/1#/2024", "matrix [#, ##, ###, ####, #####]", "std::collections::HashMap::<u##>::new()", "icon@2x.png user@localhost git@host:path",
    "serial ############", "batch ###########", "lot ##########", "account manager called ### times", "page ### of the passport office's report",
]
