//! From groups to what somebody may do here.

use tidegate_types::Grant;

/// Who is in this group may do this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The group, exactly as the provider writes it.
    pub group: String,
    /// What its members may do.
    pub grant: Grant,
}

/// Rules in order, and what holds for those whom none fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// **The first rule that fits counts**, however strong a later one is: the order is the admin's.
    pub rules: Vec<Rule>,
    /// For people in none of these groups; `None`: they may not sign in.
    pub default: Option<Grant>,
}

/// What the rules say about somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// What they may do; `None`: nothing here.
    pub grant: Option<Grant>,
    /// All groups of theirs that rules name, in the order of the rules.
    pub groups: Vec<String>,
}

impl Mapping {
    /// What somebody in these groups may do.
    #[must_use]
    pub fn map(&self, groups: &[String]) -> Mapped {
        let fits = |rule: &&Rule| groups.contains(&rule.group);
        let first = self.rules.iter().find(fits).map(|rule| rule.grant);
        let mut matched: Vec<String> = Vec::new();
        for rule in self.rules.iter().filter(fits) {
            if !matched.contains(&rule.group) {
                matched.push(rule.group.clone());
            }
        }
        Mapped {
            grant: first.or(self.default),
            groups: matched,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(default: Option<Grant>) -> Mapping {
        let rule = |group: &str, grant| Rule {
            group: group.to_owned(),
            grant,
        };
        let rules = vec![
            rule("interns", Grant::ReadOnly),
            rule("admins", Grant::Admin),
            rule("security", Grant::Security),
        ];
        Mapping { rules, default }
    }

    fn groups(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn the_first_rule_that_fits_counts_and_all_that_fit_are_told() {
        let mapped = mapping(None).map(&groups(&["security", "admins", "other"]));
        assert_eq!(mapped.grant, Some(Grant::Admin));
        assert_eq!(mapped.groups, ["admins", "security"]);
        let mapped = mapping(None).map(&groups(&["admins", "interns"]));
        assert_eq!(mapped.grant, Some(Grant::ReadOnly), "not the strongest");
    }

    #[test]
    fn who_is_in_no_group_gets_the_default_or_nothing() {
        for none in [&[][..], &["Admins"], &["admins "]] {
            assert_eq!(mapping(None).map(&groups(none)).grant, None);
            let default = mapping(Some(Grant::ReadOnly)).map(&groups(none));
            assert_eq!(default.grant, Some(Grant::ReadOnly));
            assert!(default.groups.is_empty());
        }
    }
}
