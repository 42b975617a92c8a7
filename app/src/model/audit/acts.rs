//! What can stand in the audit log, in groups, with what each act means.

/// Acts, and what each means in words that "by ana@example.com" can follow.
type Acts = &'static [(&'static str, &'static str)];

/// The groups in which a page offers them: the name, what those of its acts begin with that can be asked for at once, and
/// the acts.
pub const GROUPS: &[(&str, &str, Acts)] = &[
    (
        "Tokens",
        "token.",
        &[
            ("token.mint", "A token was minted"),
            ("token.adopt", "A key was adopted"),
            ("token.reveal", "A secret was shown again"),
            ("token.edit", "A token's facts were changed"),
            ("token.disable", "A key was disabled"),
            ("token.enable", "A key was enabled"),
            ("token.rotate", "A key was rotated"),
            ("token.drill", "A drill was asked for"),
            ("token.warn", "An expiry was announced"),
            ("token.expire", "A key was disabled at its expiry"),
            ("token.revoke", "A key was deleted"),
        ],
    ),
    (
        "Incidents",
        "incident.",
        &[
            ("incident.acknowledge", "An incident was acknowledged"),
            ("incident.resolve", "An incident was resolved"),
            ("incident.reopen", "An incident was opened again"),
        ],
    ),
    (
        "Destinations",
        "destination.",
        &[
            ("destination.create", "A destination was made"),
            ("destination.prove", "A destination was asked for its proof again"),
            ("destination.confirm", "A destination was confirmed"),
            ("destination.test", "A test was sent"),
            ("destination.reveal", "A destination's address was revealed"),
            ("destination.rotate", "A signing secret was rotated"),
            ("destination.replay", "Kept alerts were sent again"),
            ("destination.unsubscribe", "All alerts to an address were stopped"),
            ("destination.remove", "A destination was removed"),
        ],
    ),
    (
        "Subscriptions and deliveries",
        "subscription.",
        &[
            ("subscription.create", "A destination was subscribed"),
            ("subscription.change", "A subscription was changed"),
            ("subscription.remove", "A subscription was ended"),
            ("delivery.retry", "An alert was sent again"),
        ],
    ),
    (
        "People",
        "person.",
        &[
            ("person.sign_in", "A sign-in was made"),
            ("person.refuse", "A sign-in was refused"),
            ("person.invite", "An invitation was made"),
            ("person.uninvite", "An invitation was taken back"),
            ("person.join", "An account was made from a link"),
            ("person.create", "An account was made"),
            ("person.role", "A role was changed"),
            ("person.roles", "Roles were changed by a provider's rules"),
            ("person.link", "An account was linked with a provider"),
            ("person.disable", "An account was switched off"),
            ("person.enable", "An account was switched on"),
            ("person.password", "A password was changed"),
            ("person.forgot", "A new password was asked for"),
            ("person.reset", "A forgotten password was replaced"),
            ("person.prove", "Somebody showed again that it is them"),
            ("person.sign_in_link", "A link that lets somebody in was made"),
            ("person.second_on", "An app for codes was set up"),
            ("person.second_off", "An app for codes was switched off"),
            ("person.second_refused", "A second factor was refused"),
            ("person.second_reset", "Second factors were taken away"),
            ("person.recovery_codes", "Recovery codes were made"),
            ("person.passkey_add", "A passkey was added"),
            ("person.passkey_remove", "A passkey was removed"),
            ("session.end", "Sessions were ended"),
            ("person.quiet_hours", "Quiet hours were changed"),
        ],
    ),
    (
        "Teams and API keys",
        "api_key.",
        &[
            ("team.create", "A team was made"),
            ("team.rename", "A team was renamed"),
            ("api_key.create", "An API key was made"),
            ("api_key.revoke", "An API key was revoked"),
            ("api_key.refuse", "An API key was refused"),
        ],
    ),
    (
        "Sign-in providers",
        "provider.",
        &[
            ("provider.add", "A sign-in provider was added"),
            ("provider.edit", "A sign-in provider was changed"),
            ("provider.test", "A sign-in provider was tested"),
            ("provider.rule", "A rule for roles was changed"),
            ("provider.remove", "A sign-in provider was removed"),
        ],
    ),
    (
        "AWS accounts",
        "account.",
        &[
            ("account.add", "An AWS account was added"),
            ("account.edit", "An AWS account was changed"),
            ("account.test", "An AWS account was tested"),
            ("account.remove", "An AWS account was removed"),
        ],
    ),
    (
        "Aviary itself",
        "audit.",
        &[
            ("audit.begin", "The chain of this log was begun"),
            ("audit.export", "This log was exported"),
            ("backup.write", "A backup was written"),
            ("backup.restore", "A backup was restored"),
            ("sealing.rekey", "Secrets were sealed with another key"),
            ("sweep.force", "The sweep was told not to stop itself"),
        ],
    ),
];

/// What an act means; `None` for one that this list does not have.
pub fn meaning(act: &str) -> Option<&'static str> {
    GROUPS.iter().flat_map(|(.., acts)| acts.iter()).find(|(known, _)| *known == act).map(|(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_act_stands_there_once() {
        let mut acts: Vec<_> = GROUPS.iter().flat_map(|(.., acts)| acts.iter().map(|(act, _)| *act)).collect();
        let count = acts.len();
        acts.sort_unstable();
        acts.dedup();
        assert_eq!(acts.len(), count);
        assert_eq!((meaning("token.mint"), meaning("token.eat")), (Some("A token was minted"), None));
    }
}
