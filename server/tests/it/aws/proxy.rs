//! A proxy in front of an AWS, which spoils chosen calls.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::watch;

/// What happens to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spoil {
    /// It is refused with this status and code, and never reaches AWS.
    Refuse(u16, &'static str),
    /// It reaches AWS, and its answer is lost.
    LoseAnswer,
    /// It never reaches AWS and is never answered.
    Hang,
    /// It reaches AWS, and is never answered.
    HangAfter,
}

/// A rule: the next call of this action is spoiled so.
pub type Rule = (&'static str, Spoil);

#[derive(Clone)]
struct Front {
    behind: String,
    rules: Arc<Mutex<VecDeque<Rule>>>,
    /// Every call of this number is throttled; 0: none.
    every: Arc<AtomicUsize>,
    /// Every action that was called, in order, and whether it was spoiled.
    calls: watch::Sender<Vec<(String, bool)>>,
    /// As what each caller of an action described itself.
    agents: Arc<Mutex<Vec<(String, String)>>>,
}

/// A running proxy.
pub struct Proxy {
    pub url: String,
    front: Front,
}

impl Proxy {
    /// Starts one in front of this address.
    pub async fn before(address: &str) -> Self {
        let front = Front {
            behind: address.to_owned(),
            rules: Arc::default(),
            every: Arc::default(),
            calls: watch::Sender::default(),
            agents: Arc::default(),
        };
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(pass).with_state(front.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, front }
    }

    /// Spoils the next call of an action. Rules for one action are used one after the other.
    pub fn spoil(&self, action: &'static str, how: Spoil) {
        self.front.rules.lock().unwrap().push_back((action, how));
    }

    /// Throttles every n-th call from now on.
    pub fn throttle_every(&self, n: usize) {
        self.front.every.store(n, Ordering::Relaxed);
    }

    /// Spoils nothing any more.
    pub fn behave(&self) {
        self.front.rules.lock().unwrap().clear();
    }

    /// Waits until the call that the latest rule is for was spoiled.
    pub async fn spoiled_again(&self, action: &str) {
        let mut calls = self.front.calls.subscribe();
        let seen = calls.wait_for(|_| self.front.rules.lock().unwrap().iter().all(|(named, _)| *named != action));
        tokio::time::timeout(std::time::Duration::from_secs(60), seen).await.expect("it was never called").unwrap();
    }

    /// As what the callers of an action described themselves, in order.
    pub fn agents(&self, action: &str) -> Vec<String> {
        let agents = self.front.agents.lock().unwrap();
        agents.iter().filter(|(called, _)| called == action).map(|(_, agent)| agent.clone()).collect()
    }

    /// How often an action was called.
    pub fn count(&self, action: &str) -> usize {
        self.front.calls.borrow().iter().filter(|(called, _)| called == action).count()
    }
}

/// The action of a call in AWS's query protocol, or of a JSON one by its header; of S3's only that which gets an object.
fn action(method: &Method, path: &str, headers: &HeaderMap, body: &[u8]) -> String {
    if method == Method::GET && path.trim_matches('/').contains('/') {
        return "GetObject".to_owned();
    }
    if let Some(target) = headers.get("x-amz-target").and_then(|value| value.to_str().ok()) {
        return target.rsplit('.').next().unwrap_or_default().to_owned();
    }
    let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(body).unwrap_or_default();
    fields.into_iter().find(|(name, _)| name == "Action").map(|(_, value)| value).unwrap_or_default()
}

async fn pass(State(front): State<Front>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let action = action(&method, uri.path(), &headers, &body);
    let agent = headers.get("x-amz-user-agent").or_else(|| headers.get(header::USER_AGENT));
    let agent = agent.map_or("", |agent| agent.to_str().unwrap()).to_owned();
    front.agents.lock().unwrap().push((action.clone(), agent));
    let spoil = {
        let mut rules = front.rules.lock().unwrap();
        let place = rules.iter().position(|(named, _)| *named == action);
        place.and_then(|place| rules.remove(place)).map(|(_, how)| how)
    };
    let (every, number) = (front.every.load(Ordering::Relaxed), front.calls.borrow().len() + 1);
    let throttled = every > 0 && number.is_multiple_of(every);
    let spoil = spoil.or(throttled.then_some(Spoil::Refuse(400, "Throttling")));
    let note = || front.calls.send_modify(|calls| calls.push((action.clone(), spoil.is_some())));
    match &spoil {
        Some(Spoil::Refuse(status, code)) => {
            note();
            if action == "GetObject" {
                let body = format!("<Error><Code>{code}</Code><Message>{code} by the proxy</Message></Error>");
                return (StatusCode::from_u16(*status).unwrap(), body).into_response();
            }
            let kind = if *status < 500 { "Sender" } else { "Receiver" };
            let body = format!(
                "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>{kind}</Type>\
                 <Code>{code}</Code><Message>{code} by the proxy</Message></Error><RequestId>p-1</RequestId></ErrorResponse>"
            );
            let status = StatusCode::from_u16(*status).unwrap();
            return (status, [(header::CONTENT_TYPE, "text/xml")], body).into_response();
        }
        Some(Spoil::Hang) => {
            note();
            return std::future::pending().await;
        }
        _ => {}
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = axum::http::Request::builder().method(method).uri(format!("{}{path}", front.behind));
    for (name, value) in headers.iter().filter(|(name, _)| *name != header::HOST && *name != header::CONTENT_LENGTH) {
        request = request.header(name, value);
    }
    // As a proxy that takes TLS calls would: bucket policies ask for it.
    request = request.header("x-forwarded-proto", "https");
    // The signature covers the name under which the client called.
    request = request.header(header::HOST, headers.get(header::HOST).unwrap());
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let answer = client.request(request.body(Full::from(body)).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    note();
    match spoil {
        Some(Spoil::LoseAnswer) => (StatusCode::BAD_GATEWAY, "lost").into_response(),
        Some(Spoil::HangAfter) => std::future::pending().await,
        _ => {
            let mut response = (parts.status, body).into_response();
            for (name, value) in parts.headers.iter().filter(|(name, _)| name.as_str().starts_with("x-amz")) {
                response.headers_mut().insert(name, value.clone());
            }
            if let Some(kind) = parts.headers.get(header::CONTENT_TYPE) {
                response.headers_mut().insert(header::CONTENT_TYPE, kind.clone());
            }
            response
        }
    }
}
