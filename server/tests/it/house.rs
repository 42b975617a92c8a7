//! A house of its own for each test: real database, real listeners on free ports, and a clock that the test moves.

use app::model::{
    ids::PersonId,
    moment::Moment,
    viewer::{Role, Viewer},
};
use aviary::{
    config::Config,
    house::{Chance, Clock, House, SystemChance},
    intake::ears::Ears,
    issuers::aws::AwsClients,
    people::{api_keys, persons, teams},
    serve::{self, Listeners},
};
use axum::http::{HeaderMap, Method, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    net::UdpSocket,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};
use tokio::sync::watch;

/// The moment at which every test begins: the system's, so that signatures made by real clients fit, in whole seconds.
pub fn beginning() -> Moment {
    let now = aviary::house::SystemClock.now();
    Moment(now.0 / 1_000 * 1_000)
}

/// A clock that stands still until it is moved.
pub struct ManualClock(Mutex<Moment>);

impl ManualClock {
    pub fn advance(&self, milliseconds: i64) {
        let mut now = self.0.lock().unwrap();
        *now = now.plus(milliseconds);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap()
    }
}

/// A folder that goes away with the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let mut name = [0; 8];
        SystemChance.fill(&mut name);
        let path = std::env::temp_dir().join(format!("aviary-test-{}", hex::encode(name)));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running house.
pub struct TestHouse {
    pub house: Arc<House>,
    pub clock: Arc<ManualClock>,
    /// `http://127.0.0.1:PORT` of the console and the API.
    pub url: String,
    /// `http://127.0.0.1:PORT` of the sandbox.
    pub sandbox: String,
    /// An API key of the role `admin`, for the whole installation.
    pub admin_key: String,
    stop: watch::Sender<bool>,
    running: Mutex<Option<tokio::task::JoinHandle<Result<(), serve::ServeError>>>>,
    pub folder: Folder,
}

/// The password of every person that a test makes.
pub const PASSWORD: &str = "plum tractor window";

impl TestHouse {
    /// The identifier of the person with this address.
    pub async fn id_of(&self, email: &str) -> PersonId {
        let people = persons::list(&self.house, &Viewer::system("test")).await.unwrap();
        people.into_iter().find(|person| person.email == email).unwrap_or_else(|| panic!("no {email}")).id
    }

    /// The program, as its operator runs it beside this house: how it ended, and what it said.
    ///
    /// The house goes on meanwhile: stopped in the middle of a transaction, it would keep the database from the program.
    pub async fn command(&self, arguments: &[&str]) -> std::process::Output {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_aviary"));
        command
            .args(arguments)
            .env("AVIARY_DATA_DIR", self.folder.path())
            .env("AVIARY_DATABASE", self.house.config.database.expose_secret());
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    /// A house on SQLite that allows webhooks on loopback.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// A house with these `AVIARY_*` variables besides.
    pub async fn with(variables: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        let house = Self::build(&folder, variables, beginning()).await;
        Self::run(house.0, house.1, folder).await
    }

    /// Builds a house over this folder, without running it.
    pub async fn build(folder: &Folder, variables: &[(&str, &str)], now: Moment) -> (Arc<House>, Arc<ManualClock>) {
        Self::build_with(folder, variables, now, AwsClients::default()).await
    }

    /// A house whose AWS is at this address.
    pub async fn with_aws(aws: AwsClients) -> Self {
        let folder = Folder::new();
        let house = Self::build_with(&folder, &[], beginning(), aws).await;
        Self::run(house.0, house.1, folder).await
    }

    /// A house whose AWS is at this address, and that has these ears and variables.
    pub async fn with_ears(aws: AwsClients, ears: Ears, variables: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        let house = Self::build_near(&folder, variables, beginning(), aws, ears).await;
        Self::run(house.0, house.1, folder).await
    }

    /// Builds a house over this folder, with this way to AWS, without running it.
    pub async fn build_with(
        folder: &Folder,
        variables: &[(&str, &str)],
        now: Moment,
        aws: AwsClients,
    ) -> (Arc<House>, Arc<ManualClock>) {
        Self::build_near(folder, variables, now, aws, Ears::default()).await
    }

    async fn build_near(
        folder: &Folder,
        variables: &[(&str, &str)],
        now: Moment,
        aws: AwsClients,
        ears: Ears,
    ) -> (Arc<House>, Arc<ManualClock>) {
        let (console, sandbox) = (free_port(), free_port());
        let mut values: HashMap<String, String> = [
            ("AVIARY_LISTEN", format!("127.0.0.1:{console}")),
            ("AVIARY_SANDBOX_LISTEN", format!("127.0.0.1:{sandbox}")),
            ("AVIARY_DATA_DIR", folder.path().display().to_string()),
            ("AVIARY_ALLOW_PRIVATE_WEBHOOKS", "127.0.0.0/8".to_owned()),
            ("AVIARY_ALLOW_PRIVATE_PROVIDERS", "127.0.0.0/8".to_owned()),
            // The tests run the sweep themselves.
            ("AVIARY_SWEEP_INTERVAL", "365d".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        if let Some(url) = database_of_its_own().await {
            values.insert("AVIARY_DATABASE".to_owned(), url);
        }
        values.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let config = Config::from("", "aviary.toml", &|name| values.get(name).cloned()).unwrap();
        let clock = Arc::new(ManualClock(Mutex::new(now)));
        (serve::build_near(config, clock.clone(), Arc::new(SystemChance), aws, ears).await.unwrap(), clock)
    }

    /// Runs a house that was built.
    pub async fn run(house: Arc<House>, clock: Arc<ManualClock>, folder: Folder) -> Self {
        let listeners = Listeners::open(&house.config).await.unwrap();
        let url = format!("http://{}", house.config.listen);
        let sandbox = house.config.sandbox_listen.map(|address| format!("http://{address}")).unwrap_or_default();
        let system = Viewer::system("test");
        let known = teams::list(&house, &system).await.unwrap();
        if known.is_empty() {
            teams::create(&house, &system, "Security").await.unwrap();
        }
        let admin_key =
            api_keys::create(&house, &system, "test", "admin", "").await.unwrap().secret.expose().to_owned();
        let (stop, stopping) = watch::channel(false);
        let running = tokio::spawn(serve::run(Arc::clone(&house), listeners, stopping));
        let running = Mutex::new(Some(running));
        Self { house, clock, url, sandbox, admin_key, stop, running, folder }
    }

    /// Makes a person with this role (in the team; with no team: in the whole installation).
    pub async fn person(&self, email: &str, team: &str, role: Role) {
        persons::create(&self.house, &Viewer::system("test"), email, PASSWORD, team, role).await.unwrap();
    }

    /// Makes an API key with this role and team.
    pub async fn key(&self, role: &str, team: &str) -> String {
        let made = api_keys::create(&self.house, &Viewer::system("test"), role, role, team).await.unwrap();
        made.secret.expose().to_owned()
    }

    /// The API, as the admin's key sees it.
    pub fn api(&self) -> Caller {
        self.api_as(&self.admin_key)
    }

    /// The API, as this key sees it.
    pub fn api_as(&self, key: &str) -> Caller {
        Caller { base: format!("{}/api/v1", self.url), key: Some(key.to_owned()), cookies: Arc::default() }
    }

    /// The pages, as a browser sees them that keeps cookies; nobody is signed in.
    pub fn browser(&self) -> Caller {
        Caller { base: self.url.clone(), key: None, cookies: Arc::default() }
    }

    /// The pages, as this person sees them.
    pub async fn signed_in(&self, email: &str) -> Caller {
        let browser = self.browser();
        let answer = browser.form("/sign-in", &[("email", email), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        browser
    }

    /// Mints a token in the sandbox through the API.
    pub async fn mint(&self, location: &str) -> Value {
        let answer = self
            .api()
            .json(Method::POST, "/tokens", &serde_json::json!({ "location": location, "owner": "ana" }))
            .await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.body()
    }

    /// The test's own now and this much later, as RFC 3339.
    pub fn clock_text(&self, later: i64) -> String {
        self.clock.now().plus(later).rfc3339()
    }

    /// What the house's clock says.
    pub fn clock_now(&self) -> Moment {
        self.clock.now()
    }

    /// Stops it in good order, and waits until it has ended. What it left in its folder and database stays.
    pub async fn end(&self) {
        self.stop.send(true).unwrap();
        let running = self.running.lock().unwrap().take();
        running.expect("it runs").await.unwrap().unwrap();
    }

    /// Waits until this holds, looking again and again, for at most ten seconds.
    pub async fn until<F: Future<Output = bool>>(&self, what: &str, mut holds: impl FnMut() -> F) {
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
        while !holds().await {
            assert!(tokio::time::Instant::now() < deadline, "in vain: {what}");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
}

impl Drop for TestHouse {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}

/// The address of a new, empty database on the private PostgreSQL server; `None` where the tests run on SQLite.
async fn database_of_its_own() -> Option<String> {
    if std::env::var("AVIARY_TEST_ON").as_deref() != Ok("postgres") {
        return None;
    }
    let server = std::env::var("AVIARY_TEST_POSTGRES").expect("AVIARY_TEST_ON=postgres needs AVIARY_TEST_POSTGRES");
    let mut name = [0; 8];
    SystemChance.fill(&mut name);
    let name = format!("aviary_{}", hex::encode(name));
    aviary::store::Store::create_database(&server, &name).await.unwrap();
    let mut url = url::Url::parse(&server).unwrap();
    url.set_path(&name);
    Some(url.into())
}

/// How many of the ports that were chosen last are kept from other tests: more than are chosen and not yet listened on.
const CHOSEN: usize = 64;

/// A port that is free now, below those that systems give to connections going out: nobody gets it by chance meanwhile. Nor
/// does another test: whoever chooses a port holds its twin for UDP, which nothing here listens on.
pub fn free_port() -> u16 {
    static HELD: Mutex<VecDeque<UdpSocket>> = Mutex::new(VecDeque::new());
    loop {
        let mut two = [0; 2];
        SystemChance.fill(&mut two);
        let port = 10_000 + u16::from_be_bytes(two) % 22_000;
        let Ok(twin) = UdpSocket::bind(("127.0.0.1", port)) else { continue };
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            let mut held = HELD.lock().unwrap();
            held.push_back(twin);
            if held.len() > CHOSEN {
                held.pop_front();
            }
            return port;
        }
    }
}

/// Somebody who calls the house over HTTP.
#[derive(Clone)]
pub struct Caller {
    base: String,
    key: Option<String>,
    /// Name and value of each cookie.
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// The first path on the page that begins so.
    pub fn link(&self, begins: &str) -> String {
        let at = self.text.find(begins).unwrap_or_else(|| panic!("no {begins}: {}", self.text));
        self.text[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || "/-_".contains(*c)).collect()
    }

    /// The body as JSON.
    pub fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// A header as text; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Caller {
    /// Somebody whom nobody knows, at this address.
    pub fn at(base: &str) -> Self {
        Self { base: base.to_owned(), key: None, cookies: Arc::default() }
    }

    /// Somebody with an API key, at this address.
    pub fn with_key(base: &str, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..Self::at(base) }
    }

    /// Posts and looks at no answer: the one who answers may be killed.
    pub async fn try_json(&self, method: Method, path: &str, body: &Value) -> bool {
        self.try_status(method, path, body).await.is_some()
    }

    /// Posts, and gives the status; `None` where nobody answers.
    pub async fn try_status(&self, method: Method, path: &str, body: &Value) -> Option<StatusCode> {
        let key = self.key.clone().unwrap_or_default();
        let request = axum::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .header(header::CONTENT_TYPE, "application/json");
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<axum::body::Bytes>>();
        let request = request.body(Full::from(body.to_string())).unwrap();
        client.request(request).await.ok().map(|answer| answer.status())
    }

    /// The status of a page; `None` where nobody listens.
    pub async fn try_get(&self, path: &str) -> Option<StatusCode> {
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<axum::body::Bytes>>();
        client.get(format!("{}{path}", self.base).parse().unwrap()).await.ok().map(|answer| answer.status())
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Vec::new()).await
    }

    pub async fn json(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.send(method, path, &[("content-type", "application/json")], body.to_string().into_bytes()).await
    }

    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.form_with(path, fields, &[]).await
    }

    /// Posts a form with further headers.
    pub async fn form_with(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let body = serde_urlencoded::to_string(fields).unwrap();
        let own = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
        self.send(Method::POST, path, &[&own[..], headers].concat(), body.into_bytes()).await
    }

    /// Somebody who has got hold of this browser's cookies as they are now.
    pub fn thief(&self) -> Self {
        Self { cookies: Arc::new(Mutex::new(self.cookies.lock().unwrap().clone())), ..self.clone() }
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let mut request = axum::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(key) = &self.key {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        let cookies: Vec<_> =
            self.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::<axum::body::Bytes>::from(body)).unwrap();
        let response = Client::builder(TokioExecutor::new()).build_http().request(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            let mut cookies = self.cookies.lock().unwrap();
            match value {
                "" => cookies.remove(name),
                value => cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        let text = String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }
}
