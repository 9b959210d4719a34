//! The view of this moment.

use tidegate_policy::{AppId, Decision};

use super::{Agent, RELAY_NEWS};
use crate::{
    AppView, Asked, CertificateView, Counts, DeniedView, InventoryView, LimitationView, Moment,
    PolicyView, RedirectionView, RequestView, View,
};

impl Agent {
    /// What a person is shown now.
    #[must_use]
    pub fn view(&self, now: &Moment) -> View {
        let relay = match &self.state.relay {
            Err((at, reason)) if now.mono.since(*at) < RELAY_NEWS => Some(reason.clone()),
            Ok(()) | Err(_) => None,
        };
        let reason = self.state.control.clone().err().or(relay);
        let next = self
            .check_in
            .next()
            .map(|at| now.wall.plus(at.since(now.mono)));
        View {
            connected: reason.is_none(),
            reason,
            gateway: self.settings.gateway.clone(),
            device: self.settings.device.clone(),
            user: self.person().or_else(|| self.settings.user.clone()),
            agent_version: self.settings.agent_version.clone(),
            last_check_in: self.state.last_check_in,
            next_check_in: next,
            policy: self.policy_view(),
            policy_problem: self
                .state
                .applied
                .clone()
                .or_else(|| self.state.policy.clone()),
            redirection: RedirectionView {
                effective: self.redirection.effective,
                problem: self.redirection.problem.clone(),
            },
            certificate: self.state.validity.map(|validity| CertificateView {
                valid_until: validity.to,
                valid: validity.from <= now.wall && now.wall < validity.to,
                problem: self
                    .state
                    .certificate
                    .clone()
                    .or_else(|| self.clocks_differ(now.wall).map(str::to_owned)),
            }),
            counts: self.statistics.total(),
            apps: self.apps(),
            denied: self.denied(),
            limitations: self.limitations(),
            state: self.state.standing,
            advice: self.state.standing.advice().map(str::to_owned),
            inventory: self.state.found.as_ref().map(|found| InventoryView {
                apps: found.apps,
                mcp_servers: found.servers,
                scanned_at: found.at,
                hash: found.hash.clone(),
            }),
            inventory_problems: self.state.problems.clone(),
            effects_revision: self.effects.shown().map_or(0, |report| report.revision),
            effects: self
                .effects
                .shown()
                .map_or_else(Vec::new, |report| report.effects.clone()),
            requests: self.requests_view(),
            device_name: self.settings.device_name.clone(),
            team: self
                .state
                .person
                .as_ref()
                .and_then(|person| person.team.clone()),
            budgets: self.state.budgets.clone(),
            limits: self.state.limits.clone(),
        }
    }

    /// Whose device it is, as the gateway said last.
    fn person(&self) -> Option<String> {
        let person = self.state.person.as_ref()?;
        Some(
            match person.name == person.email || person.name.is_empty() {
                true => person.email.clone(),
                false => format!("{} <{}>", person.name, person.email),
            },
        )
    }

    fn policy_view(&self) -> Option<PolicyView> {
        self.document().map(|document| PolicyView {
            revision: document.revision,
            governed_hosts: document.governed_names().count(),
            fail: document.fail,
            since: self.state.policy_since,
        })
    }

    fn decision(&self, app: &AppId) -> Decision {
        let decision = |document: &std::sync::Arc<tidegate_policy::Document>| {
            let rule = document.apps.iter().find(|rule| rule.app == *app);
            rule.map_or(document.default_decision, |rule| rule.decision)
        };
        self.document().map_or(Decision::Pending, decision)
    }

    fn apps(&self) -> Vec<AppView> {
        let app = |(app, counts): (&AppId, Counts)| AppView {
            app: app.clone(),
            decision: self.decision(app),
            counts,
        };
        self.statistics.apps().map(app).collect()
    }

    /// Apps that a rule denies, and those that were seen and are denied for want of one.
    fn denied(&self) -> Vec<DeniedView> {
        let rules = self.document().map(|document| document.apps.as_slice());
        let rules = rules.unwrap_or_default().iter();
        let named = rules.filter(|rule| rule.decision == Decision::Denied);
        let mut denied: Vec<_> = named
            .map(|rule| self.denied_app(&rule.app, rule.note.clone()))
            .collect();
        for (app, _) in self.statistics.apps() {
            let listed = denied.iter().any(|denied| denied.app == *app);
            if !listed && self.decision(app) == Decision::Denied {
                denied.push(self.denied_app(app, None));
            }
        }
        denied
    }

    fn denied_app(&self, app: &AppId, reason: Option<String>) -> DeniedView {
        let counts = self.statistics.apps().find(|(seen, _)| *seen == app);
        DeniedView {
            app: app.clone(),
            reason,
            ask: self.settings.ask.clone(),
            refused: counts.map_or(0, |(_, counts)| counts.denied),
        }
    }

    fn requests_view(&self) -> Vec<RequestView> {
        let view = |asked: Asked| RequestView {
            wanted: asked.request.wanted,
            user: asked.request.user,
            sent: asked.heard,
            answer: asked.answer,
        };
        self.requests.keep().into_iter().map(view).collect()
    }

    fn limitations(&self) -> Vec<LimitationView> {
        let limitations = self.redirection.limitations.iter();
        let limitation = |limitation: &crate::Limitation| LimitationView {
            name: limitation.name.clone(),
            effect: limitation.effect.clone(),
        };
        limitations.map(limitation).collect()
    }
}
