//! The fields that adding and changing a provider share.

use crate::{
    model::{
        person::Team,
        provider::{ProviderKind, ProviderSettings, Strangers},
        viewer::Role,
    },
    pages::settings::{reach_items, role_names},
    parts::{
        form::{Check, Item, RadioGroup, SelectField, TextField, Typed},
        panel::Panel,
    },
};
use leptos::prelude::*;

/// What people read at the fields, where it is more than their names.
pub const LABELS: &[(&str, &str)] = &[
    ("name", "Name"),
    ("issuer", "Issuer"),
    ("discovery_url", "Configuration's address"),
    ("client_id", "Client identifier"),
    ("client_secret", "Client secret"),
    ("scopes", "Scopes"),
    ("domain", "Domain of Cognito's sign-in pages"),
    ("email_claim", "Claim with the mail address"),
    ("groups_claim", "Claim with the groups"),
    ("team", "Where"),
    ("role", "As"),
];

/// All fields, in groups.
#[component]
pub fn ProviderFields(
    /// What was typed and refused.
    form: Typed,
    /// What the fields hold before anything is typed.
    first: ProviderSettings,
    /// Whether a secret is kept already.
    has_secret: bool,
    /// The teams to choose from.
    teams: Vec<Team>,
) -> impl IntoView {
    let provider = provider(form.clone(), &first);
    let client = client(form.clone(), &first, has_secret);
    let people = people(form.clone(), &first, &teams);
    let switch = view! {
        <Check
            form
            name="enabled"
            label="People can sign in through this provider"
            hint="Try its rules out first. Other ways to sign in stay as they are."
            checked=first.enabled
        />
    };
    view! {
        <Panel title="Provider">
            <div class="pad stack">{provider}</div>
        </Panel>
        <Panel title="Client" says="How Aviary is known there. The next page shows the addresses to register.">
            <div class="pad stack">{client}</div>
        </Panel>
        <Panel title="People" says="Who comes in, and as whom.">
            <div class="pad stack">{people}</div>
        </Panel>
        <Panel title="On or off">
            <div class="pad stack">{switch}</div>
        </Panel>
    }
}

fn provider(form: Typed, first: &ProviderSettings) -> impl IntoView + use<> {
    let kinds = vec![
        Item::new(ProviderKind::Generic.word(), "OpenID Connect").says("Keycloak, Okta, Entra ID, Google, Auth0, …"),
        Item::new(ProviderKind::Cognito.word(), "Amazon Cognito").says("A user pool."),
    ];
    view! {
        <TextField
            form=form.clone()
            name="name"
            label="Name"
            hint="What people read on the sign-in page."
            placeholder="Example Ltd"
            value=first.name.clone()
        />
        <RadioGroup form=form.clone() name="kind" legend="Kind" value=first.kind.word() options=kinds />
        <TextField
            form=form.clone()
            name="issuer"
            label="Issuer"
            hint="Exactly as it stands in the provider's tokens, a slash at the end included. Cognito's is https://cognito-idp.REGION.amazonaws.com/POOL."
            placeholder="https://id.example.com"
            value=first.issuer.clone()
            mono=true
        />
        <TextField
            form
            name="discovery_url"
            label="Configuration's address"
            hint="Empty: the issuer with /.well-known/openid-configuration behind it."
            value=first.discovery_url.clone()
            mono=true
            optional=true
        />
    }
}

fn client(form: Typed, first: &ProviderSettings, has_secret: bool) -> impl IntoView + use<> {
    let secret_hint = if has_secret { "One is kept. Empty: it stays." } else { "Empty only for a public client." };
    view! {
        <TextField
            form=form.clone()
            name="client_id"
            label="Client identifier"
            value=first.client_id.clone()
            mono=true
        />
        <TextField
            form=form.clone()
            name="client_secret"
            label="Client secret"
            hint=secret_hint
            kind="password"
            autocomplete="off"
            optional=true
        />
        <TextField
            form=form.clone()
            name="scopes"
            label="Scopes"
            hint="Separated by spaces. Empty: openid email profile. Some providers give refresh tokens for offline_access only."
            placeholder="openid email profile"
            value=first.scopes.join(" ")
            mono=true
            optional=true
        />
        <TextField
            form
            name="domain"
            label="Domain of Cognito's sign-in pages"
            hint="For Cognito alone: signing out goes on there."
            placeholder="example.auth.eu-central-1.amazoncognito.com"
            value=first.domain.clone()
            mono=true
            optional=true
        />
    }
}

fn people(form: Typed, first: &ProviderSettings, teams: &[Team]) -> impl IntoView + use<> {
    let strangers = vec![
        Item::new("refuse", "They stay out").says("Only who has an account here already comes in."),
        Item::new("rules", "By rules only").says("They come in if a rule gives them a role."),
        Item::new("role", "Always").says("As chosen below, where no rule gives another role."),
    ];
    let (team, role) = match &first.strangers {
        Strangers::Role { team, role } => (team.clone(), *role),
        _ => (String::new(), Role::Viewer),
    };
    let roles = role_names();
    let reach = reach_items(teams);
    let usual = view! {
        <div class="pair">
            <SelectField form=form.clone() name="team" label="Where" value=team options=reach />
            <SelectField form=form.clone() name="role" label="As" value=role.word() options=roles />
        </div>
    };
    view! {
        <div class="pair">
            <TextField
                form=form.clone()
                name="email_claim"
                label="Claim with the mail address"
                placeholder="email"
                value=first.email_claim.clone()
                mono=true
                optional=true
            />
            <TextField
                form=form.clone()
                name="groups_claim"
                label="Claim with the groups"
                placeholder="groups"
                value=first.groups_claim.clone()
                mono=true
                optional=true
            />
        </div>
        <RadioGroup
            form=form.clone()
            name="strangers"
            legend="People without an account here"
            value=first.strangers.word()
            options=strangers
        >
            {usual}
        </RadioGroup>
        <Check
            form=form.clone()
            name="trust_unverified"
            label="Take mail addresses that the provider does not call verified"
            hint="Needed where it never says so, or where the address is in another claim than email."
            checked=first.trust_unverified
        />
        <Check
            form
            name="owns_addresses"
            label="Its addresses are proven and belong to us"
            hint="Then whoever comes with a verified address is the person who has it here, admins included: whoever runs the provider can become anybody. Leave it off for providers where people choose their address themselves."
            checked=first.owns_addresses
        />
    }
}
