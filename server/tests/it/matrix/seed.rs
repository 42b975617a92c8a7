//! The stage: a house with one of each thing, and everybody who may ask for it.

use super::table::Row;
use crate::{house::TestHouse, logs};
use app::model::{
    alert::{DestinationForm, Scope as About, SubscriptionForm},
    ids::{DestinationId, PersonId, TeamId},
    moment::DAY,
    pace::Pace,
    person::ApiKeyForm,
    viewer::{Origin, Role, Scope, Via, Viewer},
};
use aviary::{
    alerts, http,
    people::{api_keys, invites, sessions, teams},
    store,
};
use axum::{
    Router,
    http::{Method, StatusCode},
};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::watch;

/// The team that everything belongs to.
const OURS: &str = "Security";
const OTHER: &str = "Payments";

/// Somebody who asks.
#[derive(Clone)]
pub enum Who {
    Nobody,
    Person { id: PersonId, cookie: String },
    Key(String),
}

impl std::fmt::Debug for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nobody => f.write_str("nobody"),
            Self::Person { .. } => f.write_str("a session"),
            Self::Key(key) => write!(f, "the key {key}"),
        }
    }
}

/// One of each thing, by its identifier.
#[derive(Clone, Debug, Default)]
pub struct Things {
    pub token: String,
    pub hit: String,
    pub incident: String,
    pub destination: String,
    pub delivery: String,
    pub subscription: String,
    person: String,
    invite: String,
    key: String,
}

impl Things {
    /// The thing that the part in braces of such a path names.
    fn of(&self, path: &str) -> &str {
        let path = path.strip_prefix("/api/v1").unwrap_or(path);
        let path = path.strip_prefix("/settings").unwrap_or(path);
        match path.split('/').nth(1).unwrap_or_default() {
            "tokens" => &self.token,
            "hits" => &self.hit,
            "incidents" => &self.incident,
            "destinations" => &self.destination,
            "deliveries" => &self.delivery,
            "subscriptions" => &self.subscription,
            "people" => &self.person,
            "invites" => &self.invite,
            "api-keys" => &self.key,
            "accounts" => "111122223333",
            // Codes of links, which nobody has.
            _ => "no-such-code",
        }
    }

    /// The path with things in place of its parts in braces.
    pub fn fill(&self, path: &str) -> String {
        let part = |part: &str| if part.starts_with('{') { self.of(path).to_owned() } else { part.to_owned() };
        path.split('/').map(part).collect::<Vec<_>>().join("/")
    }
}

/// A house with one of each thing.
pub struct Stage {
    house: TestHouse,
    things: Things,
    pub router: Router,
    over: Who,
    expired: String,
    _stop: watch::Sender<bool>,
}

fn system() -> Viewer {
    Viewer::system("the stage")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

impl Stage {
    pub async fn set() -> Self {
        let house = TestHouse::start().await;
        teams::create(&house.house, &system(), OTHER).await.unwrap();
        let (stop, stopping) = watch::channel(false);
        let router = http::router(Arc::clone(&house.house), stopping);
        let nobody = Who::Nobody;
        let mut stage =
            Self { house, things: Things::default(), router, over: nobody, expired: String::new(), _stop: stop };
        // What is over begins before the rest.
        stage.over = stage.person("over@example.com", None, Some(Role::Admin)).await;
        stage.expired = stage.key(&ApiKeyForm { expires: "1d".into(), ..whole("admin", "") }).await;
        stage.house.clock.advance(40 * DAY);
        stage.things = stage.one_of_each().await;
        stage
    }

    /// The token is revoked in the end: what would change it is then refused for that, after the right was looked at.
    async fn one_of_each(&self) -> Things {
        let api = self.house.api();
        let order = json!({ "location": "a laptop", "owner": "nobody", "team": OURS });
        let token = api.json(Method::POST, "/tokens", &order).await.body();
        let heard = self.destination().await;
        let mut tx = self.house.house.store.begin().await.unwrap();
        store::alerts::destinations::confirm(&mut tx, &heard, self.house.clock_now()).await.unwrap();
        tx.commit().await.unwrap();
        let form = SubscriptionForm {
            pace: Some(Pace::Every),
            ..SubscriptionForm::usual(heard, About::Team { team: OURS.into() })
        };
        let subscription = alerts::subscribe(&self.house.house, &system(), &form).await.unwrap();

        let mut record: Value = serde_json::from_slice(&logs::own("plain.json")).unwrap();
        record["userIdentity"] = json!({ "type": "IAMUser", "accessKeyId": token["access_key_id"] });
        record["eventTime"] = json!(self.house.clock_now());
        let filed = api.json(Method::POST, "/ingest/cloudtrail", &json!({ "Records": [record] })).await;
        assert_eq!(filed.status, StatusCode::OK, "{}", filed.text);
        let first = async |list: &str| text(&api.get(list).await.body()["items"][0]["id"]);
        let things = Things {
            token: text(&token["id"]),
            hit: first("/hits").await,
            incident: first("/incidents").await,
            destination: self.destination().await.0,
            delivery: first("/deliveries").await,
            subscription: subscription.id.0,
            person: self.id(&self.person("spare@example.com", Some(OURS), Some(Role::Viewer)).await),
            invite: self.invite("guest").await,
            key: String::new(),
        };
        let gone = api.send(Method::DELETE, &format!("/tokens/{}", things.token), &[], Vec::new()).await;
        assert_eq!(gone.status, StatusCode::OK, "{}", gone.text);
        Things { key: self.spare_key().await, ..things }
    }

    /// The things for one call: a new one where the call uses it up, and will be let through.
    pub async fn fresh(&self, row: &Row, expected: &str) -> Things {
        let mut things = self.things.clone();
        if expected != "ok" {
            return things;
        }
        match (row.method.as_str(), row.path.as_str()) {
            ("POST", "/destinations/{id}/remove") | ("DELETE", "/api/v1/destinations/{id}") => {
                things.destination = self.destination().await.0;
            }
            ("POST", "/subscriptions/{id}/remove") | ("DELETE", "/api/v1/subscriptions/{id}") => {
                let label = self.house.house.new_id();
                let about = About::Label { label, team: Some(OURS.into()) };
                let form = SubscriptionForm::usual(DestinationId(things.destination.clone()), about);
                things.subscription = alerts::subscribe(&self.house.house, &system(), &form).await.unwrap().id.0;
            }
            ("POST", "/settings/invites/{id}/remove") => {
                things.invite = self.invite(&self.house.house.new_id()).await;
            }
            ("POST", "/settings/api-keys/{id}/revoke") => things.key = self.spare_key().await,
            _ => {}
        }
        things
    }

    async fn destination(&self) -> DestinationId {
        let form = DestinationForm {
            kind: "email".into(),
            address: format!("{}@example.com", self.house.house.new_id()),
            team: OURS.into(),
            ..DestinationForm::default()
        };
        alerts::create_destination(&self.house.house, &system(), &form).await.unwrap().destination.id
    }

    async fn invite(&self, name: &str) -> String {
        let email = format!("{name}@example.com");
        invites::create(&self.house.house, &system(), &email, OURS, "viewer").await.unwrap().0.id
    }

    async fn spare_key(&self) -> String {
        let made = api_keys::make(&self.house.house, &system(), &whole("viewer", OURS)).await.unwrap();
        made.key.id.0
    }

    async fn key(&self, form: &ApiKeyForm) -> String {
        api_keys::make(&self.house.house, &system(), form).await.unwrap().secret.expose().to_owned()
    }

    /// Somebody with this role, or none, who is signed in. They never typed a password: to hash fourteen takes seconds.
    pub async fn person(&self, email: &str, team: Option<&str>, role: Option<Role>) -> Who {
        let (house, id) = (&self.house.house, PersonId(self.house.house.new_id()));
        let all = teams::list(house, &system()).await.unwrap();
        let team: Option<TeamId> = team.map(|name| all.iter().find(|team| team.name == name).unwrap().id.clone());
        let mut tx = house.store.begin().await.unwrap();
        store::people::persons::insert(&mut tx, &id, email, "no hash", house.now()).await.unwrap();
        if role.is_some() {
            store::people::persons::set_role(&mut tx, &id, team.as_ref(), role).await.unwrap();
        }
        tx.commit().await.unwrap();
        self.come_in(&id).await
    }

    /// Another session of somebody.
    pub async fn come_in(&self, id: &PersonId) -> Who {
        let house = &self.house.house;
        let mut tx = house.store.begin().await.unwrap();
        let code = sessions::open(house, &mut tx, id, Via::Password, &Origin::default(), house.now()).await.unwrap();
        tx.commit().await.unwrap();
        let cookie = format!("{}={code}", http::viewer::cookie_name(house.config.secure()));
        Who::Person { id: id.clone(), cookie }
    }

    fn id(&self, who: &Who) -> String {
        match who {
            Who::Person { id, .. } => id.0.clone(),
            _ => String::new(),
        }
    }

    /// A key that may do everything.
    pub fn admin_key(&self) -> String {
        self.house.admin_key.clone()
    }

    /// Everybody, in the order of the console's columns.
    pub async fn people(&self) -> Vec<Who> {
        let mut people = vec![Who::Nobody, self.over.clone()];
        for (place, team) in [("ours", Some(OURS)), ("other", Some(OTHER)), ("house", None)] {
            for role in Role::PEOPLE {
                let email = format!("{}-{place}@example.com", role.word());
                people.push(self.person(&email, team, Some(role)).await);
            }
        }
        people.push(self.person("newcomer@example.com", None, None).await);
        people
    }

    /// Keys of every role, in the order of the API's columns.
    pub async fn keys(&self) -> Vec<Who> {
        let mut keys = Vec::new();
        for team in [OURS, OTHER, ""] {
            for role in Role::PEOPLE {
                keys.push(Who::Key(self.key(&whole(role.word(), team)).await));
            }
        }
        keys.push(Who::Key(self.key(&whole("ingest", "")).await));
        keys
    }

    /// A key of each scope alone, for the whole installation.
    pub async fn scopes_alone(&self) -> Vec<(Scope, Who)> {
        let mut keys = Vec::new();
        for scope in Scope::ALL {
            let form = ApiKeyForm { scopes: vec![scope.word().into()], ..whole("", "") };
            keys.push((scope, Who::Key(self.key(&form).await)));
        }
        keys
    }

    /// Keys that open nothing: unknown, misspelt, revoked, expired.
    pub async fn bad_keys(&self) -> Vec<Who> {
        let unknown = api_keys::text::make(&*self.house.house.chance);
        let misspelt = format!("{}x", self.house.admin_key);
        let revoked = api_keys::make(&self.house.house, &system(), &whole("admin", "")).await.unwrap();
        api_keys::revoke(&self.house.house, &system(), &revoked.key.id).await.unwrap();
        let revoked = revoked.secret.expose().to_owned();
        [unknown, misspelt, revoked, self.expired.clone()].map(Who::Key).into()
    }
}

/// What is asked for a key of a whole role.
fn whole(role: &str, team: &str) -> ApiKeyForm {
    ApiKeyForm { name: "the stage".into(), role: role.into(), team: team.into(), ..ApiKeyForm::default() }
}
