//! Mails about somebody's own account.

use crate::{
    house::House,
    mail::{Mail, letter::Letter},
};
use app::model::{agent, viewer::Origin};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::task::JoinSet;

/// How long whoever ends the process waits for mails that are under way.
const FAREWELL: Duration = Duration::from_secs(5);

/// Mails that are under way beside what asked for them.
#[derive(Default)]
pub struct Letters(Mutex<JoinSet<()>>);

impl Letters {
    fn open(&self) -> MutexGuard<'_, JoinSet<()>> {
        // A set of tasks is whole whoever held it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until they are sent, but not for ever. Called before the process ends.
    pub async fn settle(&self) {
        let under_way = std::mem::take(&mut *self.open());
        if tokio::time::timeout(FAREWELL, under_way.join_all()).await.is_err() {
            tracing::warn!("mails about accounts were cut off: the mail server takes too long");
        }
    }
}

/// Sends a mail beside the request: nobody waits for the mail server, and nobody can tell by the time whether there was a
/// mail. Where it cannot be sent, the log says so.
pub(super) fn post(house: &House, mail: Mail) {
    let mailer = house.mailer.clone();
    let mut letters = house.letters.open();
    while letters.try_join_next().is_some() {}
    letters.spawn(async move {
        if let Err(error) = mailer.send(&mail).await {
            tracing::warn!(%error, subject = %mail.subject, "a mail about an account could not be sent");
        }
    });
}

/// Tells somebody what was done with their account.
pub(super) fn tell(house: &House, email: &str, subject: &str, text: &str) {
    post(house, Mail::plain(email, subject, text));
}

/// The link that chooses a new password.
pub(super) fn reset(house: &House, email: &str, code: &str, origin: &Origin) -> Mail {
    let link = format!("{}/reset/{code}", house.config.base_url);
    let letter = Letter::new("Choose a new password")
        .say("Somebody, probably you, forgot the password of this address. To choose a new one, follow this link within half an hour:")
        .link(&link, &link)
        .facts(&whence(house, origin))
        .foot("It was not you? Do nothing. Your password stays as it is, and nobody but you has this link.");
    Mail::new(email, "Choose a new password for Aviary", &letter)
}

/// There is no password to forget.
pub(super) fn no_password(house: &House, email: &str, origin: &Origin) -> Mail {
    let link = format!("{}/sign-in", house.config.base_url);
    let letter = Letter::new("You have no password here")
        .say("Somebody, probably you, asked for a new password. You sign in through a provider of your organisation, so there is none in Aviary. Where that one can be changed, your organisation knows.")
        .link("Sign in", &link)
        .facts(&whence(house, origin))
        .foot("It was not you? Do nothing. Nothing was changed.");
    Mail::new(email, "You have no password for Aviary", &letter)
}

/// The password was changed.
pub(super) fn changed(house: &House, email: &str, how: &str, origin: &Origin) -> Mail {
    let link = format!("{}/forgot", house.config.base_url);
    let letter = Letter::new("Your password was changed")
        .say(&format!("The password of {email} was changed {how}. Sessions elsewhere were ended."))
        .facts(&whence(house, origin))
        .say("It was not you? Choose a new password at once, and tell an admin:")
        .link(&link, &link);
    Mail::new(email, "Your password for Aviary was changed", &letter)
}

/// When, from where and by what somebody asked.
fn whence(house: &House, origin: &Origin) -> [(&'static str, String); 3] {
    [
        ("When", house.now().exact()),
        ("From", origin.address.clone().unwrap_or_default()),
        ("Browser", origin.agent.as_deref().map(agent::words).unwrap_or_default()),
    ]
}
