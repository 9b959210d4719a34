//! Pages: complete, without repeats, and stable while rows are added.

use std::collections::BTreeSet;

use serde_json::json;

use crate::harness::Api;

#[tokio::test]
async fn pages_cover_a_list_once_even_while_it_grows() {
    let api = Api::start().await;
    for n in 0..7 {
        api.post("/teams", json!({ "name": format!("team {n}") }))
            .await;
    }
    let mut names = Vec::new();
    let mut path = "/teams?limit=3".to_owned();
    let mut sizes = Vec::new();
    loop {
        let page = api.get(&path).await;
        let items = page["items"].as_array().unwrap();
        sizes.push(items.len());
        names.extend(
            items
                .iter()
                .map(|item| item["name"].as_str().unwrap().to_owned()),
        );
        if sizes.len() == 1 {
            api.clock_forward();
            api.post("/teams", json!({ "name": "late" })).await;
        }
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/teams?limit=3&cursor={cursor}");
    }
    assert_eq!(sizes, [3, 3, 2]);
    let distinct: BTreeSet<&String> = names.iter().collect();
    assert_eq!((names.len(), distinct.len()), (8, 8));
    assert_eq!(names.last().unwrap(), "late");
}

#[tokio::test]
async fn newest_first_lists_do_not_shift_under_new_rows() {
    let api = Api::start().await;
    for n in 0..4 {
        api.post("/teams", json!({ "name": format!("team {n}") }))
            .await;
    }
    let first = api.get("/audit?limit=2").await;
    api.post("/teams", json!({ "name": "late" })).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = api.get(&format!("/audit?limit=2&cursor={cursor}")).await;
    let seq = |page: &serde_json::Value, at: usize| page["items"][at]["seq"].as_u64().unwrap();
    assert_eq!(seq(&second, 0) + 1, seq(&first, 1));
}

#[tokio::test]
async fn cursors_and_sizes_are_checked() {
    let api = Api::start().await;
    for (path, place) in [
        ("/teams?cursor=x", "cursor"),
        ("/keys?limit=201", "limit"),
        ("/audit?limit=-1", "limit"),
        ("/users?page=2", "page"),
        ("/tokens?limit=", "limit"),
        ("/accounts?cursor=", "cursor"),
    ] {
        assert_eq!(
            api.call("GET", path, None).await.places(),
            [place],
            "{path}"
        );
    }
}
