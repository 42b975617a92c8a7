//! `aviary sweep`

use super::{Done, TheHouse, plain};
use crate::sweep::{self, Step};
use clap::Args;

/// Warn about, disable and delete expired tokens now.
#[derive(Debug, Args)]
pub struct SweepCommand {
    /// Only print what would be done.
    #[arg(long)]
    dry_run: bool,
    /// Do it even if an unusual number of tokens would end.
    #[arg(long, conflicts_with = "dry_run")]
    force: bool,
}

impl SweepCommand {
    /// Does it.
    pub async fn run(self, house: &TheHouse) -> Done {
        if self.dry_run {
            let plan = sweep::plan(house).await?;
            for sweep::Plan { step, row } in &plan {
                let what = match step {
                    Step::Warn => "warn",
                    Step::Disable => "disable",
                    Step::Delete => "delete",
                };
                let end = row.token.expires_at.map(|at| at.exact()).unwrap_or_default();
                println!("{what}\t{}\t{end}\t{}", row.token.access_key_id, plain(&row.token.location));
            }
            eprintln!(
                "{} {} would be handled. Nothing was changed.",
                plan.len(),
                if plan.len() == 1 { "token" } else { "tokens" }
            );
            return Ok(());
        }
        let report = sweep::run_once(house, self.force).await?;
        println!(
            "warned {}, disabled {}, deleted {}, failed {}",
            report.warned, report.disabled, report.deleted, report.failed
        );
        match report.stopped {
            Some(why) => Err(super::Failure::Other(why)),
            None => Ok(()),
        }
    }
}
