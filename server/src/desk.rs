//! The console's ports, implemented by calling the rooms.

use crate::{accounts, alerts, audit, drills, health, hits, house::House, people, tokens};
use app::{
    api::{
        accounts::AccountsPort,
        alerts::{AlertsPort, Leaving},
        health::HealthPort,
        hits::{HitsPort, IncidentView},
        people::PeoplePort,
        providers::ProvidersPort,
        tokens::{MintChoices, TokenView, TokensPort},
    },
    model::{
        account::{AccountForm, AccountView, SandboxView},
        acknowledge::Acknowledging,
        alert::{Delivery, DeliveryQuery, Destination, Kept, Subscription},
        audit::{AuditEntry, AuditQuery},
        drill::{LatestRun, Proof},
        entry::{ProofWays, SessionView, SignInWays},
        factors::{Enrolment, Factors},
        fault::Fault,
        health::{CheckGroup, Overview, Quarantined},
        hit::{Hit, HitChart, HitQuery},
        ids::{DeliveryId, DestinationId, IncidentId, TokenId},
        incident::{Incident, IncidentQuery},
        list::Page,
        pace::{Held, QuietHours},
        person::{ApiKey, Invite, Person, Team},
        provider::ProviderView,
        token::{Token, TokenCounts, TokenForm, TokenQuery},
        viewer::Viewer,
    },
};
use async_trait::async_trait;

#[async_trait]
impl TokensPort for House {
    async fn tokens(&self, viewer: &Viewer, query: TokenQuery) -> Result<Page<Token>, Fault> {
        tokens::list::list(self, viewer, &query).await
    }
    async fn token_counts(&self, viewer: &Viewer, query: TokenQuery) -> Result<TokenCounts, Fault> {
        tokens::list::counts_of(self, viewer, &query).await
    }
    async fn token(&self, viewer: &Viewer, id: &TokenId) -> Result<TokenView, Fault> {
        tokens::list::get(self, viewer, id).await
    }
    async fn mint_choices(&self, viewer: &Viewer) -> Result<MintChoices, Fault> {
        tokens::list::choices(self, viewer).await
    }
    async fn check_form(&self, viewer: &Viewer, form: &TokenForm, adopt: bool) -> Result<(), Fault> {
        if adopt {
            tokens::adopt::check(self, viewer, form).await
        } else {
            tokens::mint::check(self, viewer, form).await
        }
    }
}

#[async_trait]
impl HitsPort for House {
    async fn hits(&self, viewer: &Viewer, query: HitQuery) -> Result<Page<Hit>, Fault> {
        hits::list(self, viewer, &query).await
    }
    async fn hit_chart(&self, viewer: &Viewer, token: &TokenId) -> Result<HitChart, Fault> {
        hits::chart(self, viewer, token).await
    }
    async fn incidents(&self, viewer: &Viewer, query: IncidentQuery) -> Result<Page<Incident>, Fault> {
        hits::incidents(self, viewer, &query).await
    }
    async fn incident(&self, viewer: &Viewer, id: &IncidentId) -> Result<IncidentView, Fault> {
        hits::incident(self, viewer, id).await
    }
}

#[async_trait]
impl AlertsPort for House {
    async fn destinations(&self, viewer: &Viewer) -> Result<Vec<Destination>, Fault> {
        alerts::destinations(self, viewer).await
    }
    async fn destination(&self, viewer: &Viewer, id: &DestinationId) -> Result<Destination, Fault> {
        alerts::destination(self, viewer, id).await
    }
    async fn subscriptions(
        &self,
        viewer: &Viewer,
        of: Option<&DestinationId>,
        about: Option<&TokenId>,
    ) -> Result<Vec<Subscription>, Fault> {
        alerts::subscriptions(self, viewer, of, about).await
    }
    async fn deliveries(&self, viewer: &Viewer, query: DeliveryQuery) -> Result<Page<Delivery>, Fault> {
        alerts::deliveries(self, viewer, &query).await
    }
    async fn delivery(&self, viewer: &Viewer, id: &DeliveryId) -> Result<Delivery, Fault> {
        alerts::delivery(self, viewer, id).await
    }
    async fn kept(&self, viewer: &Viewer, id: &DestinationId) -> Result<Kept, Fault> {
        alerts::kept(self, viewer, id).await
    }
    async fn acknowledging(&self, code: &str) -> Result<Acknowledging, Fault> {
        alerts::acknowledge::acknowledging(self, code).await
    }
    async fn held(&self, viewer: &Viewer, of: &DestinationId) -> Result<Vec<Held>, Fault> {
        alerts::held(self, viewer, of).await
    }
    async fn leaving(&self, code: &str) -> Result<Leaving, Fault> {
        alerts::unsubscribing(self, code).await
    }
    async fn awaiting_confirmation(&self, code: &str) -> Result<Destination, Fault> {
        alerts::awaiting_confirmation(self, code).await
    }
}

#[async_trait]
impl AccountsPort for House {
    async fn accounts(&self, viewer: &Viewer) -> Result<Vec<AccountView>, Fault> {
        accounts::list(self, viewer).await
    }
    async fn sandbox(&self, viewer: &Viewer) -> Result<SandboxView, Fault> {
        accounts::sandbox(self, viewer).await
    }
    async fn account(&self, viewer: &Viewer, id: &str) -> Result<AccountView, Fault> {
        accounts::get(self, viewer, id).await
    }
    async fn check_account_form(&self, viewer: &Viewer, form: &AccountForm) -> Result<(), Fault> {
        accounts::check(viewer, form)
    }
    async fn proof(&self, viewer: &Viewer, token: &TokenId) -> Result<Proof, Fault> {
        drills::proof(self, viewer, token).await
    }
    async fn latest_runs(&self, viewer: &Viewer, tokens: &[TokenId]) -> Result<Vec<LatestRun>, Fault> {
        drills::latest_runs(self, viewer, tokens).await
    }
}

#[async_trait]
impl PeoplePort for House {
    async fn me(&self, viewer: &Viewer) -> Result<Person, Fault> {
        people::persons::me(self, viewer).await
    }
    async fn whom_to_ask(&self, viewer: &Viewer) -> Result<Vec<String>, Fault> {
        people::persons::whom_to_ask(self, viewer).await
    }
    async fn quiet_hours(&self, viewer: &Viewer) -> Result<Option<QuietHours>, Fault> {
        people::quiet_hours::of(self, viewer).await
    }
    async fn factors(&self, viewer: &Viewer) -> Result<Factors, Fault> {
        people::factors::of(self, viewer).await
    }
    async fn enrolment(&self, viewer: &Viewer) -> Result<Option<Enrolment>, Fault> {
        people::factors::enrolment(self, viewer).await
    }
    fn passkeys_offered(&self) -> bool {
        people::passkeys::offered(self)
    }
    async fn people(&self, viewer: &Viewer) -> Result<Vec<Person>, Fault> {
        people::persons::list(self, viewer).await
    }
    async fn teams(&self, viewer: &Viewer) -> Result<Vec<Team>, Fault> {
        people::teams::list(self, viewer).await
    }
    async fn invites(&self, viewer: &Viewer) -> Result<Vec<Invite>, Fault> {
        people::invites::list(self, viewer).await
    }
    async fn api_keys(&self, viewer: &Viewer) -> Result<Vec<ApiKey>, Fault> {
        people::api_keys::list(self, viewer).await
    }
    async fn audit(&self, viewer: &Viewer, query: AuditQuery) -> Result<Page<AuditEntry>, Fault> {
        audit::list(self, viewer, &query).await
    }
    async fn setup_open(&self, code: &str) -> Result<(), Fault> {
        people::entry::setup_open(self, code).await
    }
    async fn invited(&self, code: &str) -> Result<Invite, Fault> {
        people::entry::invited(self, code).await
    }
    async fn sign_in_ways(&self) -> Result<SignInWays, Fault> {
        people::entry::sign_in_ways(self).await
    }
    async fn proof_ways(&self, viewer: &Viewer) -> Result<ProofWays, Fault> {
        people::fresh::ways(self, viewer).await
    }
    async fn sessions(&self, viewer: &Viewer) -> Result<Vec<SessionView>, Fault> {
        people::sessions::list(self, viewer).await
    }
    async fn resetting(&self, code: &str) -> Result<String, Fault> {
        people::reset::resetting(self, code).await
    }
    async fn entering(&self, code: &str) -> Result<String, Fault> {
        people::sign_in_link::entering(self, code).await
    }
}

#[async_trait]
impl ProvidersPort for House {
    async fn providers(&self, viewer: &Viewer) -> Result<Vec<ProviderView>, Fault> {
        people::providers::admin::list(self, viewer).await
    }
    async fn provider(&self, viewer: &Viewer, id: &str) -> Result<ProviderView, Fault> {
        people::providers::admin::get(self, viewer, id).await
    }
}

#[async_trait]
impl HealthPort for House {
    async fn overview(&self, viewer: &Viewer) -> Result<Overview, Fault> {
        health::overview(self, viewer).await
    }
    async fn checks(&self, viewer: &Viewer) -> Result<Vec<CheckGroup>, Fault> {
        health::groups(self, viewer).await
    }
    async fn quarantine(&self, viewer: &Viewer, after: Option<String>) -> Result<Page<Quarantined>, Fault> {
        hits::quarantine(self, viewer, after.as_deref()).await
    }
}
