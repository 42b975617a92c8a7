//! The command line: `aviary serve | token | account | doctor | sweep | scan | api-key | user | audit | backup | restore |
//! rekey | config`.
//!
//! What a command is asked for goes to the standard output, alone; everything else goes to the standard error.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is where a command line speaks")]

mod account;
mod api_key;
mod audit;
mod backup;
mod bootstrap;
mod doctor;
mod log;
mod rekey;
mod scan;
mod serve;
mod sweep;
mod token;
mod user;

use crate::{
    config::{Config, ConfigError},
    hits::record::{escaped, misleads},
    house::{House, SystemChance, SystemClock},
    serve::ServeError,
};
use app::model::{fault::Fault, viewer::Viewer};
use clap::{Parser, Subcommand};
use std::{process::ExitCode, sync::Arc};

/// Serve yourself AWS canary keys, and hear who uses them.
#[derive(Debug, Parser)]
#[command(name = "aviary", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the console, the API, the sandbox, the delivery of alerts and the sweep.
    Serve,
    /// Mint, adopt, list and revoke tokens.
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Add, list, test and remove AWS accounts.
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// Print the templates that an AWS account needs, filled in.
    Bootstrap(bootstrap::BootstrapCommand),
    /// Say how each part and each AWS account is doing; exits with 1 when something is broken.
    Doctor(doctor::DoctorCommand),
    /// Warn about, disable and delete expired tokens now.
    Sweep(sweep::SweepCommand),
    /// Look for uses of tokens in CloudTrail files.
    Scan(scan::ScanCommand),
    /// Make, list and revoke API keys.
    #[command(subcommand)]
    ApiKey(api_key::ApiKeyCommand),
    /// Make and list people.
    #[command(subcommand)]
    User(user::UserCommand),
    /// List, export and verify the audit log.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Write everything in the database to a file.
    Backup(backup::BackupCommand),
    /// Read such a file into an empty database.
    Restore(backup::RestoreCommand),
    /// Seal every secret anew with the first sealing key.
    Rekey(rekey::RekeyCommand),
    /// Print the effective configuration, without secrets.
    Config,
}

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Config(#[from] ConfigError),
    #[error("{0}")]
    Serve(#[from] ServeError),
    #[error("{}", explain(.0))]
    Fault(#[from] Fault),
    #[error("{0}")]
    Other(String),
}

/// A refusal, with every field that is at fault on a line of its own.
fn explain(fault: &Fault) -> String {
    let fields: String = fault.fields.iter().map(|field| format!("\n  {}: {}", field.field, field.message)).collect();
    if fault.fields.len() == 1 { fault.message.clone() } else { format!("{}{fields}", fault.message) }
}

/// Does what the command line asks for.
pub async fn run(cli: Cli) -> ExitCode {
    let done = match Config::load() {
        Ok(config) => dispatch(cli.command, config).await,
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(code) => code,
        Err(failure) => {
            // A refusal may quote what it refuses; fields stand on lines of their own.
            for line in format!("aviary: {failure}").lines() {
                eprintln!("{}", plain(line));
            }
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(command: Command, config: Config) -> Result<ExitCode, Failure> {
    // Said where somebody looks after the settings, and not at each command of a script.
    if matches!(command, Command::Serve | Command::Config | Command::Doctor(_)) {
        for unknown in Config::unknown_variables() {
            eprintln!("aviary: {}", plain(&unknown));
        }
    }
    if let Command::Config = command {
        print!("{}", config.print());
        return Ok(ExitCode::SUCCESS);
    }
    let usual = if matches!(command, Command::Serve) { config.log.clone() } else { quiet(&config.log) };
    log::begin(&usual)?;
    let house = crate::serve::build(config, Arc::new(SystemClock), Arc::new(SystemChance)).await?;
    match command {
        Command::Serve => serve::run(house).await?,
        Command::Token(command) => command.run(&house).await?,
        Command::Account(command) => return command.run(&house).await,
        Command::Bootstrap(command) => command.run(&house)?,
        Command::Doctor(command) => return command.run(&house).await,
        Command::Sweep(command) => command.run(&house).await?,
        Command::Scan(command) => return command.run(&house).await,
        Command::ApiKey(command) => command.run(&house).await?,
        Command::User(command) => command.run(&house).await?,
        Command::Audit(command) => return command.run(&house).await,
        Command::Backup(command) => command.run(&house).await?,
        Command::Restore(command) => command.run(&house).await?,
        Command::Rekey(command) => return command.run(&house).await,
        Command::Config => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Commands say themselves what they did: of the log only warnings are of interest, unless more was asked for.
fn quiet(log: &str) -> String {
    if log == "info" { "warn".to_owned() } else { log.to_owned() }
}

/// Whoever may run this program on the machine may do everything.
fn operator() -> Viewer {
    Viewer::system("command line")
}

/// Outside text, without anything that a terminal would obey, and nothing that turns the direction of writing.
fn plain(text: &str) -> String {
    text.chars().map(|c| if misleads(c) { '\u{fffd}' } else { c }).collect()
}

/// JSON on one line, of which a terminal obeys nothing either: what JSON itself leaves as it is, such as the second set of
/// control characters, is escaped as JSON escapes the first. It stands within texts only, so it means the same.
fn one_line(value: &impl serde::Serialize) -> Result<String, Failure> {
    let json = serde_json::to_string(value).map_err(|error| Failure::Other(error.to_string()))?;
    Ok(escaped(&json))
}

/// The first line of the standard input.
fn read_line() -> Result<String, Failure> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|error| Failure::Other(format!("the standard input: {error}")))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

type Done = Result<(), Failure>;
type TheHouse = Arc<House>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_obeys_nothing_that_others_wrote() {
        let odd = "a\u{1b}[2J\u{9b}31m\u{7f}\u{202e}b\n";
        assert_eq!(plain(odd), "a\u{fffd}[2J\u{fffd}31m\u{fffd}\u{fffd}b\u{fffd}");
        let line = one_line(&serde_json::json!({ "agent": odd, "ä": "ö" })).unwrap();
        assert!(!line.contains(misleads), "{line:?}");
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read, serde_json::json!({ "agent": odd, "ä": "ö" }), "and it still says the same");
    }
}
