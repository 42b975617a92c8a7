//! An AWS of the test's own: ministack, a process per test, with signatures and policies really checked.

use crate::{
    house::{Folder, TestHouse},
    skipped::skipped,
};
use app::model::{account::AccountForm, secret::Secret};
use aviary::issuers::aws::AwsClients;
use aws_credential_types::Credentials;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// The emulator's account.
pub const ACCOUNT: &str = "123456789012";
const KEY: &str = "AKIACIADMINCIADMIN00";
const SECRET: &str = "ciadminsecretciadminsecretciadminsecret0";

/// A running emulator; it ends with the test, however that ends.
pub struct Emulator {
    pub url: String,
    _process: Process,
    _folder: Folder,
}

/// The program of this name in the tests' Python venv; a line that says that the test was skipped where it is missing.
pub(super) fn in_venv(test: &str, name: &str) -> Option<PathBuf> {
    let command = std::env::var("AVIARY_TEST_VENV").ok().map(|venv| PathBuf::from(venv).join("bin").join(name));
    let command = command.filter(|command| command.exists());
    if command.is_none() {
        skipped(&format!("{test} needs {name}; AVIARY_TEST_VENV names a Python venv that has it"));
    }
    command
}

/// Waits until a program that was started answers there.
pub(super) async fn answers(url: &str, path: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while crate::house::Caller::at(url).try_get(path).await != Some(StatusCode::OK) {
        assert!(Instant::now() < deadline, "{url} did not start");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A program beside the test.
pub(super) struct Process(Child);

impl Process {
    /// Starts it in a folder; what it says goes to a file there.
    pub(super) fn start(folder: &Folder, command: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let child = Command::new("sh")
            .args(["-c", "\"$0\" \"$@\" >said.log 2>&1 & cat >/dev/null; kill -9 $!"])
            .arg(command)
            .args(arguments)
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        Self(child)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The shell around it ends the emulator when its input is closed.
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

impl Emulator {
    /// Starts one; `None`, and a line that says so, where it is not installed.
    pub async fn start(test: &str) -> Option<Self> {
        let command = in_venv(test, "ministack")?;
        let folder = Folder::new();
        let port = crate::house::free_port();
        let variables = [
            ("BIND_HOST", "127.0.0.1"),
            ("GATEWAY_PORT", &port.to_string()),
            ("MINISTACK_HOST", "127.0.0.1"),
            ("MINISTACK_ACCOUNT_ID", ACCOUNT),
            ("MINISTACK_REGION", "us-east-1"),
            ("AUTH", "true"),
            ("AWS_ACCESS_KEY_ID", KEY),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            ("IOT_MTLS_ENABLED", "0"),
            ("SFTP_ENABLED", "0"),
            ("LOG_LEVEL", "WARNING"),
        ];
        let process = Process::start(&folder, &command, &[], &variables);
        let emulator = Self { url: format!("http://127.0.0.1:{port}"), _process: process, _folder: folder };
        answers(&emulator.url, "/_ministack/health").await;
        Some(emulator)
    }

    /// The way to it, as its administrator; through `address`, a proxy in front of it, where one is named.
    pub fn clients(&self, address: Option<&str>) -> AwsClients {
        AwsClients::at(address.unwrap_or(&self.url), KEY, &Secret::new(SECRET.to_owned()))
    }

    /// The environment of a program that shall use it as its AWS.
    pub fn variables(&self, address: &str) -> Vec<(String, String)> {
        [
            ("AWS_ENDPOINT_URL", address),
            ("AWS_ACCESS_KEY_ID", KEY),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            ("AWS_REGION", "us-east-1"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    /// The SDK's configuration for somebody with this key.
    pub async fn sdk(&self, id: &str, secret: &str) -> aws_config::SdkConfig {
        sdk(&self.url, id, secret).await
    }

    /// The SDK's configuration for the administrator.
    pub async fn admin(&self) -> aws_config::SdkConfig {
        self.sdk(KEY, SECRET).await
    }

    /// The same, through a proxy.
    pub async fn admin_at(&self, address: &str) -> aws_config::SdkConfig {
        self.admin().await.into_builder().endpoint_url(address).build()
    }

    /// IAM, as the administrator.
    pub async fn iam(&self) -> aws_sdk_iam::Client {
        aws_sdk_iam::Client::new(&self.admin().await)
    }

    /// Every user there is, with its keys.
    pub async fn users(&self) -> Vec<(String, Vec<String>)> {
        let iam = self.iam().await;
        let mut users = Vec::new();
        for user in iam.list_users().send().await.unwrap().users() {
            let keys = iam.list_access_keys().user_name(user.user_name()).send().await.unwrap();
            let keys = keys.access_key_metadata().iter().map(|key| key.access_key_id().unwrap().to_owned()).collect();
            users.push((user.user_name().to_owned(), keys));
        }
        users
    }
}

/// The SDK's configuration for somebody with this key, at an AWS at this address.
pub(super) async fn sdk(url: &str, id: &str, secret: &str) -> aws_config::SdkConfig {
    let provider =
        aws_smithy_http_client::tls::Provider::Rustls(aws_smithy_http_client::tls::rustls_provider::CryptoMode::Ring);
    aws_config::defaults(aws_config::BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().tls_provider(provider).build_https())
        .region(aws_config::Region::new("us-east-1"))
        .endpoint_url(url)
        .credentials_provider(Credentials::new(id, secret, None, None, "test"))
        .load()
        .await
}

/// The form of the emulator's account.
pub fn form() -> AccountForm {
    AccountForm {
        id: ACCOUNT.into(),
        name: "Workloads".into(),
        path: "/service/".into(),
        tags: "team=platform".into(),
        ..AccountForm::default()
    }
}

/// A house that has the emulator's account.
pub async fn house_with(emulator: &Emulator, address: Option<&str>, form: &AccountForm) -> TestHouse {
    let house = TestHouse::with_aws(emulator.clients(address)).await;
    let admin = app::model::viewer::Viewer::system("test");
    aviary::accounts::add(&house.house, &admin, form).await.unwrap();
    house
}

/// Mints a token in the emulator's account through the API.
pub async fn mint(house: &TestHouse, location: &str) -> Value {
    let answer = try_mint(house, location).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.body()
}

/// Asks for a token in the emulator's account.
pub async fn try_mint(house: &TestHouse, location: &str) -> crate::house::Answer {
    house
        .api()
        .json(Method::POST, "/tokens", &json!({ "account": ACCOUNT, "location": location, "owner": "ana" }))
        .await
}
