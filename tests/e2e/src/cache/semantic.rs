//! Questions that mean the same, by the vectors of an embedding model.

use super::*;

const SEMANTIC: &str =
    "[cache.semantic]\nprovider = \"openai\"\nmodel = \"text-embedding-3-small\"\nthreshold = 0.98";

/// How often the embedding model was asked.
fn embedded(rig: &Rig) -> usize {
    let seen = rig.standin.requests();
    seen.iter()
        .filter(|seen| seen.path.starts_with("/v1/embeddings"))
        .count()
}

#[tokio::test]
async fn who_means_the_same_gets_the_same_answer() -> anyhow::Result<()> {
    let rig = keeping(SEMANTIC).await?;
    let key = rig.key("meaning").await?;
    let usage = "[[usage:input=100,output=20]]";
    let ask = async |text: &str, stream| {
        let body = prompts::chat(&format!("{text} {usage}"), stream);
        super::ask(&rig, &key, CHAT, body, &[]).await
    };
    let first = ask("How high is it? [[vector:1,0]]", false).await?;
    assert_eq!((used(&first), embedded(&rig)), ("miss", 1));
    // The same words need no model.
    let same = ask("How high is it? [[vector:1,0]]", false).await?;
    assert_eq!((used(&same), embedded(&rig)), ("hit", 1));
    // An angle of 6 degrees, and one of 27.
    for stream in [false, true] {
        let close = ask("What is its height? [[vector:1,0.1]]", stream).await?;
        assert_eq!(used(&close), "semantic", "{}", close.text());
        assert_eq!(said(&close), said(&first));
        let row = rig.row(close.header("x-tidegate-request-id")).await?;
        let paid = rig.row(first.header("x-tidegate-request-id")).await?.cost;
        assert_eq!(row.cache, Some(CacheUse::Semantic(paid)));
        assert_eq!(row.cost, MicroUsd::ZERO);
    }
    let far = ask("How old is it? [[vector:1,0.5]]", false).await?;
    assert_eq!(used(&far), "miss");
    // Now that question is known too, and the closer one of both answers.
    let closer = ask("What is its age? [[vector:1,0.49]]", false).await?;
    assert_eq!(used(&closer), "semantic");
    assert_eq!(said(&closer), said(&far));
    Ok(())
}

#[tokio::test]
async fn whatever_differs_besides_the_text_keeps_questions_apart() -> anyhow::Result<()> {
    let rig = keeping(SEMANTIC).await?;
    let (key, other) = (rig.key("one").await?, rig.key("other").await?);
    let body = prompts::chat("high? [[vector:1,0]]", false);
    assert_eq!(
        used(&ask(&rig, &key, CHAT, body.clone(), &[]).await?),
        "miss"
    );
    let close = body.replace("high?", "height?");
    let tools = r#""tools":[{"type":"function","function":{"name":"f"}}],"max_tokens""#;
    for (key, body, embeds) in [
        (&other, close.clone(), 1),
        (&key, close.replace("gpt-4o-mini", "gpt-4o"), 1),
        (
            &key,
            close.replace("\"max_tokens\":64", "\"max_tokens\":65"),
            1,
        ),
        (&key, close.replace("\"max_tokens\"", tools), 0),
    ] {
        let before = embedded(&rig);
        let reply = ask(&rig, key, CHAT, body.clone(), &[]).await?;
        assert_eq!(
            (reply.status.as_u16(), used(&reply)),
            (200, "miss"),
            "{body}"
        );
        assert_eq!(embedded(&rig) - before, embeds, "{body}");
    }
    assert_eq!(used(&ask(&rig, &key, CHAT, close, &[]).await?), "semantic");
    Ok(())
}

#[tokio::test]
async fn a_model_that_fails_costs_a_miss() -> anyhow::Result<()> {
    let rig = keeping(&format!("{SEMANTIC}\ntimeout = \"50ms\"")).await?;
    let key = rig.key("failing").await?;
    // No direction, none either, and too late.
    for text in ["a [[vector:0,0]]", "b [[vector:0]]", "c [[delay:0.3]]"] {
        let reply = chat(&rig, &key, text).await?;
        assert_eq!((reply.status.as_u16(), used(&reply)), (200, "miss"));
        let again = chat(&rig, &key, text).await?;
        assert_eq!(used(&again), "hit", "the same words are found all the same");
    }
    Ok(())
}
