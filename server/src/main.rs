//! The binary `aviary`: subcommands, wiring only.

// With optimisations, the type of a whole page is laid out at once, and pages nest deeply.
#![recursion_limit = "512"]

use clap::Parser as _;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    aviary::cli::run(aviary::cli::Cli::parse()).await
}
