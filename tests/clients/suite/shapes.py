"""What the gateway writes for Bedrock fits AWS' own description of its API, which botocore carries: every request of
the golden files, and what a stream and an answer for a client of Converse hold."""
import base64
import json
import pathlib
import re

import botocore.session
import botocore.validate

from .case import case

GOLDEN = pathlib.Path(__file__).parents[3] / "crates" / "base" / "wire" / "tests" / "translate" / "golden"


def model():
    """AWS' model of the API."""
    return botocore.session.Session().get_service_model("bedrock-runtime")


def typed(shape, value, path=""):
    """The value as botocore takes it, bytes in place of base64; whatever the model does not know is an error, and so is
    what a pattern or a list of words excludes, which botocore itself leaves to the service."""
    if shape.type_name == "structure":
        # Any JSON.
        if shape.is_document_type:
            return value
        unknown = set(value) - set(shape.members)
        assert not unknown, f"{path}: {unknown} unknown to AWS"
        if shape.is_tagged_union:
            assert len(value) == 1, f"{path}: one of {list(shape.members)}, not {list(value)}"
        return {name: typed(shape.members[name], inner, f"{path}.{name}") for name, inner in value.items()}
    if shape.type_name == "list":
        return [typed(shape.member, inner, f"{path}[{at}]") for at, inner in enumerate(value)]
    if shape.type_name == "map":
        return {name: typed(shape.value, inner, f"{path}.{name}") for name, inner in value.items()}
    if shape.type_name == "blob":
        return base64.b64decode(value, validate=True)
    if shape.type_name == "string":
        words, pattern = shape.enum, shape.metadata.get("pattern")
        assert not words or value in words, f"{path}: {value} is none of {words}"
        assert not pattern or re.fullmatch(pattern, value), f"{path}: {value} is not {pattern}"
    return value


def fits(shape, value, path):
    """Fails where a value is none of the shape."""
    report = botocore.validate.ParamValidator().validate(typed(shape, value, path), shape)
    assert not report.has_errors(), f"{path}: {report.generate_report()}"


@case("every request that is written for Converse is one by AWS' own model")
def requests():
    checked, shape = 0, model().operation_model("Converse").input_shape
    for file in sorted((GOLDEN / "requests").glob("*_converse.json")):
        for about, done in json.loads(file.read_text()).items():
            if done and "body" in done:
                fits(shape, {**done["body"], "modelId": "m"}, f"{file.stem} {about}")
                checked += 1
    assert checked > 40, checked


@case("every answer that is written for a client of Converse is one by AWS' own model")
def answers():
    checked, operations = 0, model()
    whole = operations.operation_model("Converse").output_shape
    stream = operations.operation_model("ConverseStream").output_shape.members["stream"]
    for file in sorted((GOLDEN / "answers").glob("*/converse.*")):
        text = file.read_text()
        if "BROKEN" in text:
            continue
        if file.suffix == ".json":
            fits(whole, json.loads(text), str(file))
        for line in text.splitlines() if file.suffix == ".events" else []:
            name, payload = line.split(" ", 1)
            fits(stream.members[name], json.loads(payload), f"{file} {name}")
        checked += 1
    assert checked > 15, checked
