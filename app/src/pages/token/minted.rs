//! The page that shows a secret: after minting, and when it is revealed again.

use crate::{
    api::{
        alerts::list_subscriptions,
        tokens::{TokenView, get_token},
    },
    islands::copy::Copy,
    model::token::{SecretFile, TokenWithSecret},
    parts::{
        code::Commands,
        head::{PageHead, plural},
        icon::{Icon, Sign},
        load::load,
        panel::Panel,
    },
};
use leptos::prelude::*;

/// A token that has just been minted.
#[component]
pub fn Minted(
    /// The token and its secret.
    minted: TokenWithSecret,
) -> impl IntoView {
    let id = minted.token.id.clone();
    let data = async move {
        let seen = get_token(id.clone()).await?;
        let heard = list_subscriptions(None, Some(id)).await?.len();
        Ok((seen, heard))
    };
    load(data, move |(seen, heard)| {
        let token = minted.token.clone();
        let page = format!("/tokens/{}", token.id);
        let watch = page.clone();
        let new_destination = format!("/destinations/new?token={}", token.id);
        let held = minted.secret_access_key.is_none();
        let why = minted.held_back.clone().unwrap_or_default();
        let (to_destination, reveal) = (new_destination.clone(), format!("/tokens/{}/secret", token.id));
        let hears = match i64::try_from(heard).unwrap_or(i64::MAX) {
            0 => view! {
                <li>
                    <Icon sign=Sign::Send />
                    <p>
                        <strong>"Nobody is told when it is used."</strong> " "
                        <a href=new_destination>"Add a destination"</a>
                        " so that its hits reach somebody."
                    </p>
                </li>
            }
            .into_any(),
            n => view! {
                <li>
                    <Icon sign=Sign::Send />
                    <p>
                        {plural(n, "destination hears", "destinations hear")} " about it. "
                        <a href=page.clone()>"See which"</a> "."
                    </p>
                </li>
            }
            .into_any(),
        };
        view! {
            <PageHead
                title="Token minted"
                lead=if held {
                    "The key is made, and its secret is kept sealed until somebody would hear of its use.".into_any()
                } else {
                    "Take the key along now: the secret is shown once. It is kept sealed; only you and admins can see it again, and that is written to the audit log."
                        .into_any()
                }
                crumbs=vec![("/tokens".to_owned(), "Tokens".to_owned())]
            >
                <a class="button" href=page.clone()>
                    "Go to the token"
                </a>
            </PageHead>
            <div class="form">
                {if held {
                    view! {
                        <Panel title="The secret is held back">
                            <div class="pad stack">
                                <p>{why}</p>
                                <p>
                                    <a href=to_destination>"Add a destination"</a>
                                    ", or subscribe one on the token's page; once it is confirmed, "
                                    <a href=reveal>"show the secret"</a>
                                    "."
                                </p>
                            </div>
                        </Panel>
                    }
                        .into_any()
                } else {
                    view! { <SecretPanel secret=minted seen=seen.clone() /> }.into_any()
                }}
                <Panel title="What happens next">
                    <ol class="next-steps pad">
                        <li>
                            <Icon sign=Sign::Key />
                            <p>"Put the key at " <strong>{token.location.clone()}</strong> ", and nowhere else."</p>
                        </li>
                        {hears}
                        <li>
                            <Icon sign=Sign::Pulse />
                            <p>
                                {if seen.endpoint.is_some() {
                                    "Try it once with the commands above: the hit shows on its page within a second.".into_any()
                                } else {
                                    view! {
                                        "Aviary is using the key itself to see whether it is heard. The token is armed once that very call has come back: by events within a minute, by log files within ten. "
                                        <a href=watch>"Watch it"</a>
                                        "."
                                    }
                                        .into_any()
                                }}
                            </p>
                        </li>
                    </ol>
                </Panel>
            </div>
        }
    })
}

/// Key id and secret with what one does with them.
#[component]
pub fn SecretPanel(
    /// The token and its secret.
    secret: TokenWithSecret,
    /// The token as this viewer sees it.
    seen: TokenView,
) -> impl IntoView {
    let TokenWithSecret { token, secret_access_key, .. } = secret;
    let secret_access_key = secret_access_key.unwrap_or_default();
    let key = token.access_key_id.clone();
    let hidden = secret_access_key.expose().to_owned();
    let files = SecretFile::ALL
        .into_iter()
        .map(|file| {
            let text = match file {
                SecretFile::Credentials => "~/.aws/credentials",
                SecretFile::Env => "Environment file",
                SecretFile::Json => "JSON",
                SecretFile::Terraform => "Terraform variables",
            };
            view! {
                <button class="button small" name="file" value=file.word()>
                    <Icon sign=Sign::Download />
                    {text}
                </button>
            }
        })
        .collect_view();
    let try_it = seen.endpoint.map(|endpoint| {
        let commands = format!(
            "export AWS_ACCESS_KEY_ID={key}\nexport AWS_SECRET_ACCESS_KEY={hidden}\n\
             aws --endpoint-url {endpoint} --region us-east-1 \\\n  sts get-caller-identity"
        );
        view! {
            <Panel title="Try it now" says="This key is of the sandbox. Run this in a shell and watch the token's page.">
                <div class="pad">
                    <Commands text=commands what="commands" />
                </div>
            </Panel>
        }
    });
    view! {
        <Panel title="Access key">
            <div class="pad stack">
                <dl class="secret-grid">
                    <div class="secret-item">
                        <dt id="key-name">"Access key id"</dt>
                        <dd>
                            <code data-testid="access-key-id">{token.access_key_id.clone()}</code>
                            <Copy text=token.access_key_id what="access key id".to_owned() />
                        </dd>
                    </div>
                    <div class="secret-item">
                        <dt>"Secret access key"</dt>
                        <dd>
                            <code data-testid="secret-access-key">{hidden.clone()}</code>
                            <Copy text=hidden.clone() what="secret access key".to_owned() />
                        </dd>
                    </div>
                </dl>
                <form method="post" action=format!("/tokens/{}/download", token.id)>
                    <fieldset class="field">
                        <legend>"Download as"</legend>
                        <div class="files">{files}</div>
                    </fieldset>
                </form>
            </div>
        </Panel>
        {try_it}
    }
}
