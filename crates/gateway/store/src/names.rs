//! What people call things: the names behind printed ids, many at once. What is gone has none, but for
//! keys and devices, whose keys are kept for the log's sake.

use std::collections::{BTreeMap, HashMap};

use tidegate_types::{
    AccessRequestId, AccountId, BudgetId, DeviceGroupId, DeviceId, EnrolmentTokenId, GroupId,
    IdError, KeyId, LimitId, McpRuleId, ScimTokenId, TeamId, TokenId, UserId,
};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    sql::{Value, params},
};

/// How an id of a kind is read, and the statement that finds its name.
type Kind = (fn(&str) -> Result<Uuid, IdError>, &'static str);

macro_rules! kinds {
    ($($id:ident => $select:literal),* $(,)?) => {
        [$((|text| text.parse::<$id>().map($id::uuid), $select)),*]
    };
}

const KINDS: [Kind; 14] = kinds![
    AccessRequestId => "SELECT item FROM access_requests WHERE id = $1",
    AccountId => "SELECT CASE WHEN name = '' THEN email ELSE name END FROM accounts WHERE id = $1",
    BudgetId => "SELECT scope FROM budgets WHERE id = $1",
    DeviceGroupId => "SELECT name FROM device_groups WHERE id = $1",
    DeviceId => "SELECT name FROM virtual_keys WHERE device_id = $1 ORDER BY created_at DESC LIMIT 1",
    EnrolmentTokenId => "SELECT name FROM enrolment_tokens WHERE id = $1",
    GroupId => "SELECT name FROM user_groups WHERE id = $1",
    KeyId => "SELECT name FROM virtual_keys WHERE id = $1",
    LimitId => "SELECT scope FROM limits WHERE id = $1",
    McpRuleId => "SELECT identity FROM edge_mcp_rules WHERE id = $1",
    ScimTokenId => "SELECT name FROM scim_tokens WHERE id = $1",
    TeamId => "SELECT name FROM teams WHERE id = $1",
    TokenId => "SELECT name FROM api_tokens WHERE id = $1",
    UserId => "SELECT name FROM users WHERE id = $1",
];

/// The most ids that are looked up in one call; others are not found.
const MOST: usize = 2_000;

impl Store {
    /// The names of these, by printed id. Texts that are no ids, and ids of what is gone, are left out.
    /// The name of a budget or a limit is that of whom it applies to.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn names(&self, ids: Vec<String>) -> Result<HashMap<String, String>, StoreError> {
        let mut wanted: BTreeMap<usize, BTreeMap<Uuid, String>> = BTreeMap::new();
        for id in ids.into_iter().take(MOST) {
            let found = KINDS
                .iter()
                .enumerate()
                .find_map(|(kind, (read, _))| read(&id).ok().map(|uuid| (kind, uuid)));
            if let Some((kind, uuid)) = found {
                wanted.entry(kind).or_default().insert(uuid, id);
            }
        }
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        self.read(move |sql| {
            let mut names = HashMap::new();
            for (kind, ids) in wanted {
                let Some((_, select)) = KINDS.get(kind) else {
                    continue;
                };
                let rows: Vec<Vec<Value>> = ids.keys().map(|id| params![*id].into()).collect();
                let answers = sql.query_all(select, &rows)?;
                for (id, answer) in ids.into_values().zip(answers) {
                    if let Some(row) = answer.first() {
                        names.insert(id, row.text_owned(0)?);
                    }
                }
            }
            // Of a scope that is an id, the name is wanted.
            let scopes: Vec<(String, String)> = names
                .iter()
                .filter(|(id, _)| id.starts_with("bud_") || id.starts_with("lim_"))
                .map(|(id, scope)| (id.clone(), scope.clone()))
                .collect();
            for (id, scope) in scopes {
                let found = KINDS
                    .iter()
                    .find_map(|(read, select)| read(&scope).ok().map(|uuid| (uuid, *select)));
                if let Some((uuid, select)) = found
                    && let Some(row) = sql.query(select, &params![uuid])?.first()
                {
                    names.insert(id, row.text_owned(0)?);
                }
            }
            Ok(names)
        })
        .await
    }
}
