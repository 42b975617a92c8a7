//! The binary `aviary`: subcommands, wiring only.

use clap::Parser as _;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    aviary::cli::run(aviary::cli::Cli::parse()).await
}
