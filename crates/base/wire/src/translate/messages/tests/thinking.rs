//! Whether the model is to think, and how it draws.

use serde_json::{Number, Value, json};

use super::{
    text, tool, write,
    write::{call, request, result, thought, turn, user},
};
use crate::translate::{
    Language, Request, SealKind,
    talk::{Block, Effort, Sampling, Speaker, Thinking, ToolChoice, Turn},
};

/// What is said of thinking, and the length of the answer.
fn thinks(more: impl FnOnce(&mut Request<'static>)) -> (Value, u64) {
    let mut asked = request(vec![user("a")]);
    asked.thinking = Some(Thinking {
        effort: Some(Effort::High),
        ..Thinking::default()
    });
    asked.tools = vec![tool("read", None)];
    more(&mut asked);
    let body = write(&asked);
    (
        body["thinking"].clone(),
        body["max_tokens"].as_u64().unwrap(),
    )
}

#[test]
fn thinking_has_a_budget_within_the_answer() {
    let on = |tokens: u64| json!({"type": "enabled", "budget_tokens": tokens});
    let off = json!({"type": "disabled"});
    let of = |thinking: Thinking, most: Option<u64>| {
        thinks(|asked| {
            asked.thinking = Some(thinking);
            asked.sampling.max_output = most;
        })
    };
    let effort = |effort| Thinking {
        effort: Some(effort),
        ..Thinking::default()
    };
    let budget = |budget| Thinking {
        budget: Some(budget),
        ..Thinking::default()
    };
    assert_eq!(thinks(|_| ()), (on(16_384), 20_480));
    assert_eq!(of(effort(Effort::Low), None), (on(2_048), 8_192));
    assert_eq!(of(effort(Effort::None), None), (off.clone(), 8_192));
    assert_eq!(
        of(
            Thinking {
                on: Some(false),
                budget: Some(9),
                ..Thinking::default()
            },
            None
        )
        .0,
        off
    );
    assert_eq!(
        of(
            Thinking {
                on: Some(true),
                ..Thinking::default()
            },
            None
        )
        .0,
        on(8_192)
    );
    assert_eq!(of(Thinking::default(), None).0, Value::Null);
    assert_eq!(of(budget(3), None).0, on(1_024));
    assert_eq!(of(budget(5_000), Some(5_001)), (on(5_000), 5_001));
    assert_eq!(of(budget(5_000), Some(5_000)), (on(2_500), 5_000));
    assert_eq!(of(budget(5_000), Some(1_025)), (on(1_024), 1_025));
    assert_eq!(of(budget(5_000), Some(1_024)), (Value::Null, 1_024));
    let shown = of(
        Thinking {
            shown: Some(true),
            ..budget(2_000)
        },
        None,
    )
    .0;
    assert_eq!(shown["display"], "summarized");
}

#[test]
fn thinking_is_left_out_where_it_is_refused() {
    let tool_turn = |mut blocks: Vec<Block<'static>>, id: &'static str| {
        blocks.push(call(id, "read", "{}"));
        turn(Speaker::Assistant, blocks)
    };
    let own = || thought(Language::Messages, SealKind::Signature);
    let results = |id| turn(Speaker::User, vec![result(id, "x")]);
    let thinks_after =
        |turns: Vec<Turn<'static>>| thinks(|asked| asked.turns.extend(turns)).0.is_object();
    assert!(thinks_after(vec![
        tool_turn(vec![own()], "1"),
        results("1")
    ]));
    assert!(!thinks_after(vec![tool_turn(vec![], "1"), results("1")]));
    assert!(!thinks_after(vec![
        tool_turn(vec![thought(Language::Chat, SealKind::Signature)], "1"),
        results("1")
    ]));
    // It thinks once, and then goes on.
    assert!(thinks_after(vec![
        tool_turn(vec![own()], "1"),
        results("1"),
        tool_turn(vec![], "2"),
        results("2"),
    ]));
    // The user's next question begins another turn.
    assert!(thinks_after(vec![
        tool_turn(vec![], "1"),
        results("1"),
        turn(Speaker::Assistant, vec![text("done")]),
        user("more"),
    ]));
    assert!(!thinks_after(vec![turn(
        Speaker::Assistant,
        vec![text("{")]
    )]));
    for choice in [ToolChoice::Required, ToolChoice::Tool("read".into())] {
        assert_eq!(
            thinks(|asked| asked.tool_choice = Some(choice)).0,
            Value::Null
        );
    }
    assert!(
        thinks(|asked| asked.tool_choice = Some(ToolChoice::None))
            .0
            .is_object()
    );
}

#[test]
fn sampling_is_written_as_far_as_thoughts_allow() {
    let number = |number| Number::from_f64(number);
    let of = |top_p, thinks: bool| {
        let mut asked = request(vec![user("a")]);
        asked.sampling = Sampling {
            temperature: number(0.5),
            top_p: number(top_p),
            top_k: Some(7),
            stop: vec!["END".into()],
            presence_penalty: number(0.0),
            ..Sampling::default()
        };
        asked.thinking = thinks.then(|| Thinking {
            on: Some(true),
            ..Thinking::default()
        });
        let body = write(&asked);
        assert_eq!(body["stop_sequences"], json!(["END"]));
        [&body["temperature"], &body["top_k"], &body["top_p"]].map(Clone::clone)
    };
    assert_eq!(of(0.9, false), [json!(0.5), json!(7), json!(0.9)]);
    assert_eq!(of(1.0, false), [json!(0.5), json!(7), Value::Null]);
    assert_eq!(of(0.9, true), [Value::Null, Value::Null, Value::Null]);
    assert_eq!(of(0.97, true), [Value::Null, Value::Null, json!(0.97)]);
}

#[test]
fn newer_models_take_an_effort() {
    let of = |thinking: Thinking, more: fn(&mut Request<'static>)| {
        let mut asked = request(vec![
            user("a"),
            turn(Speaker::Assistant, vec![call("1", "read", "{}")]),
            turn(Speaker::User, vec![result("1", "x")]),
        ]);
        asked.model = "claude-opus-4-7".to_owned();
        asked.thinking = Some(thinking);
        asked.sampling.temperature = Some(0.into());
        asked.sampling.top_k = Some(1);
        asked.sampling.top_p = Number::from_f64(0.99);
        asked.tools = vec![tool("read", None)];
        more(&mut asked);
        let body = write(&asked);
        for name in ["temperature", "top_k", "top_p"] {
            assert_eq!(body.get(name), None);
        }
        ["thinking", "output_config", "max_tokens"].map(|name| body[name].clone())
    };
    let effort = |effort| Thinking {
        effort: Some(effort),
        ..Thinking::default()
    };
    let adaptive = json!({"type": "adaptive"});
    let said = |effort: &str| json!({ "effort": effort });
    // What another model thought need not be there.
    let wanted = [adaptive.clone(), said("high"), json!(20_480)];
    assert_eq!(of(effort(Effort::High), |_| ()), wanted);
    assert_eq!(of(effort(Effort::Minimal), |_| ())[1], said("low"));
    let off = |model: &str| {
        let mut asked = request(vec![user("a")]);
        asked.model = model.to_owned();
        asked.thinking = Some(effort(Effort::None));
        let body = write(&asked);
        ["thinking", "output_config", "max_tokens"].map(|name| body[name].clone())
    };
    let disabled = json!({"type": "disabled"});
    assert_eq!(
        off("claude-opus-4-7"),
        [Value::Null, Value::Null, json!(8_192)]
    );
    assert_eq!(off("claude-opus-5"), [disabled, Value::Null, json!(8_192)]);
    assert_eq!(
        off("claude-opus-5-5"),
        [Value::Null, said("low"), json!(8_192)]
    );
    let mut unsaid = request(vec![user("a")]);
    unsaid.model = "claude-opus-5-5".to_owned();
    assert_eq!(write(&unsaid)["max_tokens"], 20_480);
    let budget = Thinking {
        budget: Some(30_000),
        shown: Some(true),
        ..Thinking::default()
    };
    let shown = json!({"type": "adaptive", "display": "summarized"});
    assert_eq!(of(budget, |_| ())[..2], [shown, said("max")]);
    let on = Thinking {
        on: Some(true),
        ..Thinking::default()
    };
    assert_eq!(of(on.clone(), |_| ())[..2], [adaptive, Value::Null]);
    let forced = of(on, |asked| asked.tool_choice = Some(ToolChoice::Required));
    assert_eq!(forced, [Value::Null, Value::Null, json!(8_192)]);
}
