//! Azure AI Content Safety (2024-09-01) and Azure AI Language (2023-04-01).

use serde_json::{Value, json};

use super::{HARM, NAME, TOKEN, names, points, units};
use crate::engines::stand_in::Asked;

const KEY: &str = "ocp-apim-subscription-key";
const SAFETY: &str = "api-version=2024-09-01";

/// `text:analyze`. It answers of the categories and levels that it was asked for.
pub(super) fn content_safety(asked: &Asked) -> Result<Value, String> {
    asked.is("/contentsafety/text:analyze", SAFETY)?;
    asked.has(KEY, TOKEN)?;
    let text = asked.text("/text")?;
    if points(text) > 10_000 {
        return Err("longer than 10,000 characters".into());
    }
    let levels = asked.text("/outputType")?;
    if !["FourSeverityLevels", "EightSeverityLevels"].contains(&levels) {
        return Err(format!("no such levels: {levels}"));
    }
    let mut analysis = Vec::new();
    for category in asked.list("/categories")? {
        let category = category.as_str().unwrap_or_default();
        if !["Hate", "SelfHarm", "Sexual", "Violence"].contains(&category) {
            return Err(format!("no such category: {category}"));
        }
        let severity = if category == "Violence" && text.contains(HARM) {
            4
        } else {
            0
        };
        analysis.push(json!({"category": category, "severity": severity}));
    }
    if asked.list("/blocklistNames")? != [json!("ours")] {
        return Err("no such block list".into());
    }
    Ok(json!({"blocklistsMatch": [], "categoriesAnalysis": analysis}))
}

/// `text:shieldPrompt`.
pub(super) fn shields(asked: &Asked) -> Result<Value, String> {
    asked.is("/contentsafety/text:shieldPrompt", SAFETY)?;
    asked.has(KEY, TOKEN)?;
    let attack = |text: &str| json!({"attackDetected": text.contains(HARM)});
    let documents = asked.list("/documents")?.iter();
    let documents: Vec<_> = documents
        .map(|text| attack(text.as_str().unwrap_or_default()))
        .collect();
    let prompt = attack(asked.text("/userPrompt")?);
    Ok(json!({"userPromptAnalysis": prompt, "documentsAnalysis": documents}))
}

/// `:analyze-text` for personal data. It counts in the unit that it is asked for.
pub(super) fn pii(asked: &Asked) -> Result<Value, String> {
    asked.is("/language/:analyze-text", "api-version=2023-04-01")?;
    asked.has(KEY, TOKEN)?;
    if asked.text("/kind")? != "PiiEntityRecognition" {
        return Err("another kind".into());
    }
    let count = match asked.text("/parameters/stringIndexType")? {
        "UnicodeCodePoint" => points,
        "Utf16CodeUnit" => units,
        // Graphemes: nobody here can count them.
        other => return Err(format!("it is asked to count {other}")),
    };
    let documents = asked.list("/analysisInput/documents")?;
    if documents.len() > 5 {
        return Err("more than five documents".into());
    }
    let answers = documents.iter().map(|document| {
        let text = document["text"].as_str().unwrap_or_default();
        let entities: Vec<_> = names(text)
            .map(|at| {
                json!({"text": NAME, "category": "Person", "offset": count(&text[..at.start]),
                "length": count(&text[at]), "confidenceScore": 0.98})
            })
            .collect();
        let stars = "*".repeat(NAME.len());
        json!({"id": document["id"], "redactedText": text.replace(NAME, &stars),
            "entities": entities, "warnings": []})
    });
    let answers: Vec<_> = answers.collect();
    Ok(json!({"kind": "PiiEntityRecognitionResults",
        "results": {"documents": answers, "errors": [], "modelVersion": "2023-09-01"}}))
}
