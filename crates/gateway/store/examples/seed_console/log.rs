//! A million calls over 30 days, their sums, and the audit log.

use std::collections::HashMap;

use tidegate_types::{AuditId, RequestId, Timestamp, UserId};
use uuid::Uuid;

use crate::{
    Dice, ago,
    fleet::{DAY, Fleet, SECOND},
    sink::{Cell, Sink, cells},
};

const DAYS: i64 = 30;
const HOUR: i64 = 3_600 * SECOND;

/// Rows that are written at a time.
const CHUNK: usize = 50_000;

const MODELS: [(&str, &str, i64); 10] = [
    ("anthropic", "claude-sonnet-4-5", 9),
    ("openai", "gpt-5", 6),
    ("anthropic", "claude-opus-4-5", 31),
    ("openai", "gpt-5-mini", 1),
    ("anthropic", "claude-haiku-4-5", 3),
    ("gemini", "gemini-2.5-pro", 6),
    ("gemini", "gemini-2.5-flash", 1),
    ("openai", "gpt-4o", 7),
    ("openai", "o4-mini", 3),
    ("openai", "gpt-4o-mini", 1),
];

const CODES: [(&str, i64); 6] = [
    ("mcp_denied", 403),
    ("app_denied", 403),
    ("budget_exceeded", 429),
    ("rate_limit_exceeded", 429),
    ("model_not_allowed", 403),
    ("prompt_blocked", 400),
];

const COLUMNS: &str = "id,started_at,duration_us,overhead_us,ttft_us,key_id,team_id,user_id,operation,\
     provider,model,status,code,outcome,streamed,input,cached,cache_write_5m,cache_write_1h,\
     input_audio,output,reasoning,output_audio,output_image,web_searches,tier,source,cost,cost_basis,\
     request_bytes,response_bytes,trace_id,has_content,device_id,app,os_user,process,host";

/// A facet's row, and its calls, errors and cost.
type Facets = HashMap<(&'static str, i64, Uuid, String), [i64; 3]>;

pub(crate) async fn requests(
    sink: &mut Sink,
    dice: &mut Dice,
    now: Timestamp,
    fleet: &Fleet,
    count: usize,
) -> anyhow::Result<()> {
    let span = DAYS * DAY;
    let mut facets = Facets::new();
    let mut done = 0;
    while done < count {
        let size = CHUNK.min(count - done);
        let rows: Vec<Vec<Cell>> = (0..size)
            .map(|index| {
                let place = (done + index) as i64;
                // Evenly, and by no more than a step aside, so that ids rise.
                let step = span / count as i64;
                let at = ago(now, span - place * step - dice.below(step as usize) as i64);
                call(dice, fleet, at, &mut facets)
            })
            .collect();
        sink.rows("requests", COLUMNS, rows.into_iter()).await?;
        done += size;
    }
    let nil = sink.nil();
    let sums = "SUM(input), SUM(cached), SUM(cache_write_5m + cache_write_1h), SUM(output), \
         SUM(reasoning), SUM(input_audio + output_audio), SUM(output_image), SUM(cost)";
    let errors = "SUM(CASE WHEN status >= 400 OR outcome = 3 THEN 1 ELSE 0 END)";
    sink.run(&format!(
        "INSERT INTO usage_hours SELECT started_at - started_at % {HOUR}, COALESCE(key_id, {nil}), \
         COALESCE(team_id, {nil}), COALESCE(user_id, {nil}), COALESCE(provider, ''), \
         COALESCE(model, ''), operation, COUNT(*), {errors}, {sums} FROM requests \
         GROUP BY 1, 2, 3, 4, 5, 6, 7"
    ))
    .await?;
    sink.run(&format!(
        "INSERT INTO usage_team_hours SELECT started_at - started_at % {HOUR}, \
         COALESCE(team_id, {nil}), COALESCE(provider, ''), COALESCE(model, ''), operation, COUNT(*), \
         {errors}, SUM(CASE WHEN outcome = 2 THEN 1 ELSE 0 END), {sums} FROM requests \
         GROUP BY 1, 2, 3, 4, 5"
    ))
    .await?;
    let rows = facets
        .into_iter()
        .map(|((facet, start, team, name), sums)| {
            cells![facet, start, team, name, sums[0], sums[1], sums[2]]
        });
    let columns = "facet,start_at,team_id,name,requests,errors,cost";
    sink.rows("usage_facets", columns, rows).await?;
    let sums = "SUM(requests), SUM(errors), SUM(denied), SUM(input), SUM(cached), SUM(cache_write), \
         SUM(output), SUM(reasoning), SUM(audio), SUM(image), SUM(cost) FROM usage_team_hours";
    sink.run(&format!(
        "INSERT INTO usage_team_days SELECT hour_at - hour_at % {DAY}, team_id, provider, model, \
         operation, {sums} GROUP BY 1, 2, 3, 4, 5"
    ))
    .await?;
    sink.run(&format!(
        "INSERT INTO usage_hour_sums SELECT hour_at, team_id, {sums} GROUP BY 1, 2"
    ))
    .await
}

fn call(dice: &mut Dice, fleet: &Fleet, at: Timestamp, facets: &mut Facets) -> Vec<Cell> {
    let caller = fleet.callers[dice.below(fleet.callers.len())];
    let (provider, model, price) = MODELS[dice.skewed(MODELS.len())];
    let refused = dice.below(100) < 3;
    let broken = !refused && dice.below(200) == 0;
    let (code, status) = if refused {
        let (code, status) = CODES[dice.skewed(CODES.len())];
        (Some(code), status)
    } else {
        (None, if broken { 502 } else { 200 })
    };
    let outcome: i64 = if refused {
        2
    } else if broken {
        3
    } else {
        0
    };
    let (input, output) = (dice.skewed(40_000) as i64, dice.skewed(4_000) as i64);
    let (input, output) = if refused { (0, 0) } else { (input, output) };
    let cost = (input + output * 4) * price / 3;
    let app = caller.device.map(|_| fleet.apps[dice.skewed(20)].clone());
    let micros = at.micros();
    let (hour, day) = (micros - micros % HOUR, micros - micros % DAY);
    let code_name = code.map(str::to_owned);
    for (facet, start, name) in [
        ("app", hour, app.clone()),
        ("app_day", day, app.clone()),
        ("code", hour, code_name.clone()),
        ("code_day", day, code_name),
        ("user", day, caller.user.map(|user| user.to_string())),
    ] {
        let Some(name) = name else { continue };
        let sums = facets.entry((facet, start, caller.team, name)).or_default();
        sums[0] += 1;
        sums[1] += i64::from(status >= 400);
        sums[2] += cost;
    }
    let duration = 200_000 + dice.skewed(20_000_000) as i64;
    let local = app.is_some();
    let head = cells![
        RequestId::from_parts(at, dice.wide()).uuid(),
        micros,
        duration,
        20 + dice.skewed(300) as i64,
        Some(duration / 3),
        caller.key,
        caller.team,
        caller.user.map(UserId::uuid),
        if provider == "anthropic" {
            "messages"
        } else {
            "chat.completions"
        },
        provider,
        model,
        status,
        code,
        outcome,
        true,
    ];
    let usage = [input, input / 3, 0, 0, 0, output, output / 5, 0, 0, 0, 0, 0];
    let tail = cells![
        cost,
        0_i64,
        input * 4,
        output * 5,
        dice.bytes::<16>().to_vec(),
        false,
        caller.device.map(tidegate_types::DeviceId::uuid),
        app,
        local.then_some("ada"),
        local.then_some("/usr/local/bin/node"),
        local.then_some("api.anthropic.com"),
    ];
    head.into_iter()
        .chain(usage.into_iter().map(Cell::from))
        .chain(tail)
        .collect()
}

pub(crate) async fn audit(
    sink: &mut Sink,
    dice: &mut Dice,
    now: Timestamp,
    fleet: &Fleet,
    count: usize,
) -> anyhow::Result<()> {
    let rows = (1..=count).map(|seq| {
        let at = ago(now, (count - seq) as i64 * 20 * SECOND);
        let server = || {
            fleet.servers[seq % fleet.servers.len()]
                .identity
                .to_string()
        };
        let key = || tidegate_types::KeyId::from_uuid(fleet.callers[seq % fleet.callers.len()].key);
        let (action, target) = match dice.below(10) {
            0..=4 => ("session.create", "grace@example.com".to_owned()),
            5..=7 => ("edge_mcp.decide", server()),
            _ => ("key.update", key().to_string()),
        };
        let detail =
            r#"{"before":{"decision":"pending"},"after":{"decision":"denied","note":null}}"#;
        let id = AuditId::from_parts(at, dice.wide()).uuid();
        let account = fleet.account;
        cells![
            seq as i64,
            id,
            at.micros(),
            "account",
            account,
            action,
            target,
            detail,
            dice.bytes::<32>().to_vec(),
        ]
    });
    let columns = "seq,id,at,actor_kind,actor_id,action,target,detail,hash";
    sink.rows("audit_log", columns, rows.collect::<Vec<_>>().into_iter())
        .await?;
    sink.run(&format!("UPDATE control SET audit_seq = {count}"))
        .await
}
