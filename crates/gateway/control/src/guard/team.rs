//! What a caller finds who is confined to a team: what belongs to it, and nothing else. Whatever is
//! another team's is answered as if it were not there, so that ids cannot be probed.

use tidegate_governance::entity::Scope;
use tidegate_store::StoreError;
use tidegate_types::{DeviceId, KeyId, Role, TeamId, UserId};

use super::identity::Admin;
use crate::{
    app::App,
    problem::{Code, Problem},
};

impl Admin {
    /// The team that the caller is confined to.
    pub(crate) const fn team(&self) -> Option<TeamId> {
        self.grant().team()
    }

    /// Whether the caller sees prompts and answers.
    pub(crate) const fn reads_content(&self) -> bool {
        matches!(self.grant().role(), Role::Admin | Role::Security)
    }

    /// The team that a list is narrowed to: the caller's, or the one that they ask for.
    ///
    /// # Errors
    /// `not_found`: they ask for another than their own.
    pub(crate) fn narrow(&self, asked: Option<TeamId>) -> Result<Option<TeamId>, Problem> {
        match (self.team(), asked) {
            (Some(own), Some(asked)) if own != asked => Err(nothing("team")),
            (own, asked) => Ok(own.or(asked)),
        }
    }

    /// Goes on only where what belongs to `team` may be seen.
    ///
    /// # Errors
    /// `not_found`, saying that there is no such `what`.
    pub(crate) fn finds(&self, team: Option<TeamId>, what: &'static str) -> Result<(), Problem> {
        match self.team() {
            Some(own) if team != Some(own) => Err(nothing(what)),
            _ => Ok(()),
        }
    }

    /// As [`finds`](Self::finds), for what a budget or limit applies to.
    pub(crate) async fn finds_scope(
        &self,
        app: &App,
        scope: Scope,
        what: &'static str,
    ) -> Result<(), Problem> {
        if self.team().is_none() {
            return Ok(());
        }
        self.finds(app.store.team_of(scope).await?, what)
    }

    /// As [`finds`](Self::finds), for a key.
    pub(crate) async fn finds_key(&self, app: &App, key: KeyId) -> Result<(), Problem> {
        self.finds_scope(app, Scope::Key(key), "key").await
    }

    /// As [`finds`](Self::finds), for a user.
    pub(crate) async fn finds_user(&self, app: &App, user: UserId) -> Result<(), Problem> {
        self.finds_scope(app, Scope::User(user), "user").await
    }

    /// As [`finds`](Self::finds), for a device: it belongs where its key belongs.
    pub(crate) async fn finds_device(&self, app: &App, device: DeviceId) -> Result<(), Problem> {
        if self.team().is_none() {
            return Ok(());
        }
        let key = app.store.device(device).await?.key;
        self.finds_scope(app, Scope::Key(key), "device").await
    }

    /// The team of something new: the caller's own where they are confined to it.
    ///
    /// # Errors
    /// `invalid_fields`: they name another.
    pub(crate) fn settles(&self, asked: Option<TeamId>) -> Result<Option<TeamId>, Problem> {
        self.narrow(asked)
            .map_err(|_| Problem::field("/team", "there is no such team"))
    }

    /// Goes on only where the user may be named.
    ///
    /// # Errors
    /// `invalid_fields`: it is another team's.
    pub(crate) async fn names(&self, app: &App, user: Option<UserId>) -> Result<(), Problem> {
        let Some(user) = user else { return Ok(()) };
        match self.finds_user(app, user).await {
            Err(problem) if problem.code() == Code::NotFound => {
                Err(Problem::field("/user", "there is no such user"))
            }
            found => found,
        }
    }

    /// Goes on only where a budget or limit may be set on this.
    ///
    /// # Errors
    /// `invalid_fields`: it is another team's.
    pub(crate) async fn sets_on(&self, app: &App, scope: Scope) -> Result<(), Problem> {
        match self.finds_scope(app, scope, "scope").await {
            Err(problem) if problem.code() == Code::NotFound => Err(Problem::field(
                "/scope",
                "must be your team, or a user or a key that belongs to it",
            )),
            found => found,
        }
    }

    /// Goes on only where the thing stays in its team: who is confined to one takes nothing out of it.
    ///
    /// # Errors
    /// `forbidden`.
    pub(crate) fn moves(&self, to: Option<Option<TeamId>>) -> Result<(), Problem> {
        match (self.team(), to) {
            (Some(own), Some(to)) if to != Some(own) => Err(Problem::new(
                Code::Forbidden,
                "Only the role `admin` may move something out of a team or into another.",
            )),
            _ => Ok(()),
        }
    }
}

/// The answer where there is nothing.
pub(crate) fn nothing(what: &'static str) -> Problem {
    StoreError::NotFound(what).into()
}
