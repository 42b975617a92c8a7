//! `aviary rekey`

use super::{Failure, TheHouse, operator};
use crate::{
    rekey::{self, Count},
    seal::{
        SealError,
        keys::{self, Ground, Keys},
    },
    serve::ServeError,
};
use clap::Args;
use std::process::ExitCode;

/// Seal every secret anew with the first sealing key.
///
/// Beside a running Aviary that knows both keys; where one does not, this says so and changes nothing. To exchange the key:
/// `aviary rekey --new-key`, restart each Aviary, `aviary rekey`, restart each, `aviary rekey` once more, and `aviary rekey
/// --forget`.
#[derive(Debug, Args)]
pub struct RekeyCommand {
    /// Make a further key. It opens from the next start on, and seals after the next `aviary rekey`.
    #[arg(long, conflicts_with_all = ["check", "forget"])]
    new_key: bool,
    /// Say what is still sealed with a former key, and change nothing; exits with 1 if there is something.
    #[arg(long, conflicts_with = "forget")]
    check: bool,
    /// Take away the former keys, if nothing is sealed with them any more.
    #[arg(long)]
    forget: bool,
}

impl From<SealError> for Failure {
    fn from(error: SealError) -> Self {
        ServeError::from(error).into()
    }
}

impl RekeyCommand {
    /// Does it.
    pub async fn run(self, house: &TheHouse) -> Result<ExitCode, Failure> {
        let ground = Ground::of(house);
        let mut keys = keys::read(ground).await?;
        if self.new_key {
            let name = keys.add(ground).await?;
            println!("{name}");
            eprintln!("This key opens from the next start on. Restart each Aviary, then run `aviary rekey`.");
            return Ok(ExitCode::SUCCESS);
        }
        if self.check {
            let left = say(&rekey::left(house, &operator(), &keys.sealer()?).await?, "with a former key");
            return Ok(if left > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS });
        }
        if self.forget {
            return forget(house, ground, keys).await;
        }
        if let Some(name) = keys.waiting() {
            // Before it seals anything: the next Aviary that starts would seal with it, too.
            rekey::may_seal_with(house, &operator(), &name).await?;
        }
        if let Some(name) = keys.promote(ground).await? {
            eprintln!("The key {name} seals from now on, and in each running Aviary from its next start on.");
        }
        let done = rekey::run(house, &operator(), &keys.sealer()?).await?;
        say(&done, "sealed anew");
        let closed: u64 = done.iter().map(|count| count.closed).sum();
        if closed > 0 {
            eprintln!("{closed} secrets open with none of the keys. They were left as they are.");
        }
        Ok(if closed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

async fn forget(house: &TheHouse, ground: Ground<'_>, mut keys: Keys) -> Result<ExitCode, Failure> {
    let left = say(&rekey::left(house, &operator(), &keys.sealer()?).await?, "with a former key");
    if left > 0 {
        return Err(Failure::Other(format!("{left} secrets need a former key: run `aviary rekey` first")));
    }
    rekey::may_forget_all_but(house, &operator(), keys.sealer()?.name()).await?;
    let former = keys.forget(ground).await?;
    eprintln!("{former} former keys were taken away. Links in mails that they signed are no longer good.");
    if keys.has_elsewhere() {
        eprintln!("sealing.key or AVIARY_SEALING_KEY is no longer needed: take it away by hand.");
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints a line for each place; how many there are in all.
fn say(counts: &[Count], what: &str) -> u64 {
    for count in counts {
        println!("{:<34} {:>8} {what}", count.place, count.secrets);
    }
    counts.iter().map(|count| count.secrets).sum()
}
