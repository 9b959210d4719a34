"""Presidio's recognizers, without a language model and without the network."""
import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry, predefined_recognizers
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

# Its e-mail check asks for the list of public suffixes; the one in the wheel serves as well.
tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

EVERYWHERE = ["EmailRecognizer", "PhoneRecognizer", "CreditCardRecognizer", "IbanRecognizer", "IpRecognizer", "MacAddressRecognizer", "CryptoRecognizer"]

# The recognizers of a region, and ours that find the same.
OF_REGION = {
    "us": ["UsSsnRecognizer", "UsItinRecognizer", "UsNpiRecognizer", "AbaRoutingRecognizer", "UsBankRecognizer", "UsLicenseRecognizer", "UsMbiRecognizer",
           "MedicalLicenseRecognizer", "UsPassportRecognizer"],
    "gb": ["NhsRecognizer", "UkNinoRecognizer", "UkDrivingLicenceRecognizer", "UkPassportRecognizer"],
    "au": ["AuTfnRecognizer", "AuAbnRecognizer", "AuAcnRecognizer", "AuMedicareRecognizer"],
    "ca": ["CaSinRecognizer"],
    "in": ["InAadhaarRecognizer", "InPanRecognizer", "InGstinRecognizer", "InVoterRecognizer", "InPassportRecognizer"],
    "sg": ["SgFinRecognizer"],
    "za": ["ZaIdNumberRecognizer"],
    "de": ["DeTaxIdRecognizer", "DeIdCardRecognizer", "DePassportRecognizer", "DeSocialSecurityRecognizer", "DeHealthInsuranceRecognizer", "DeVatIdRecognizer"],
    "es": ["EsNifRecognizer", "EsNieRecognizer", "EsPassportRecognizer"],
    "it": ["ItFiscalCodeRecognizer", "ItVatCodeRecognizer", "ItIdentityCardRecognizer", "ItDriverLicenseRecognizer", "ItPassportRecognizer"],
    "se": ["SePersonnummerRecognizer", "SeOrganisationsnummerRecognizer"],
    "pl": ["PlPeselRecognizer"],
    "kr": ["KrRrnRecognizer"],
    "fi": ["FiPersonalIdentityCodeRecognizer"],
    "tr": ["TrNationalIdRecognizer"],
}

ENTITIES = {
    "EMAIL_ADDRESS": "email", "PHONE_NUMBER": "phone", "CREDIT_CARD": "credit-card", "IBAN_CODE": "iban", "IP_ADDRESS": "ip", "MAC_ADDRESS": "mac-address",
    "CRYPTO": "bitcoin-address", "US_SSN": "us-ssn", "US_ITIN": "us-itin", "US_NPI": "us-npi", "ABA_ROUTING_NUMBER": "us-aba-routing",
    "US_BANK_NUMBER": "us-bank-account", "US_DRIVER_LICENSE": "us-driver-license", "US_MBI": "us-mbi", "MEDICAL_LICENSE": "us-dea", "US_PASSPORT": "passport",
    "UK_NHS": "gb-nhs", "UK_NINO": "gb-nino", "UK_DRIVING_LICENCE": "gb-driving-licence", "UK_PASSPORT": "passport", "AU_TFN": "au-tfn", "AU_ABN": "au-abn",
    "AU_ACN": "au-acn", "AU_MEDICARE": "au-medicare", "CA_SIN": "ca-sin", "IN_AADHAAR": "in-aadhaar", "IN_PAN": "in-pan", "IN_GSTIN": "in-gstin",
    "IN_VOTER": "in-voter", "IN_PASSPORT": "passport", "SG_NRIC_FIN": "sg-nric", "ZA_ID_NUMBER": "za-id", "DE_TAX_ID": "de-tax-id", "DE_ID_CARD": "de-id-card",
    "DE_PASSPORT": "passport", "DE_SOCIAL_SECURITY": "de-social-security", "DE_HEALTH_INSURANCE": "de-health-insurance", "DE_VAT_ID": "de-vat", "ES_NIF": "es-nif",
    "ES_NIE": "es-nie", "ES_PASSPORT": "passport", "IT_FISCAL_CODE": "it-codice-fiscale", "IT_VAT_CODE": "it-partita-iva", "IT_IDENTITY_CARD": "it-identity-card",
    "IT_DRIVER_LICENSE": "it-driver-license", "IT_PASSPORT": "passport", "SE_PERSONNUMMER": "se-personnummer", "SE_ORGANISATIONSNUMMER": "se-organisationsnummer",
    "PL_PESEL": "pl-pesel", "KR_RRN": "kr-rrn", "FI_PERSONAL_IDENTITY_CODE": "fi-hetu", "TR_NATIONAL_ID": "tr-tckn",
}


class Words(NlpEngine):
    """Words as they are written stand in for lemmas: what context words are looked for among."""

    def __init__(self, language):
        self.language = language
        # Korean would take a dictionary that no wheel has.
        self.blank = spacy.blank("xx" if language == "ko" else language)

    def load(self):
        pass

    def is_loaded(self):
        return True

    def process_text(self, text, language):
        doc = self.blank(text)
        return NlpArtifacts(entities=[], tokens=doc, tokens_indices=[token.idx for token in doc],
                            lemmas=[token.text.lower() for token in doc], nlp_engine=self, language=language)

    def process_batch(self, texts, language, **_):
        return ((text, self.process_text(text, language)) for text in texts)

    def is_stopword(self, word, language):
        return self.blank.vocab[word].is_stop

    def is_punct(self, word, language):
        return self.blank.vocab[word].is_punct

    def get_supported_entities(self):
        return []

    def get_supported_languages(self):
        return [self.language]


def analyzer(language, region):
    """What finds in a text of this language and region: a list of (entity, start, end, score)."""
    recognizers = [getattr(predefined_recognizers, name)(supported_language=language) for name in EVERYWHERE + OF_REGION.get(region, [])]
    registry = RecognizerRegistry(recognizers=recognizers, supported_languages=[language])
    engine = AnalyzerEngine(registry=registry, nlp_engine=Words(language), supported_languages=[language])

    def analyze(text):
        return [(ENTITIES[found.entity_type], found.start, found.end, found.score) for found in engine.analyze(text, language)
                if found.entity_type in ENTITIES]
    return analyze
