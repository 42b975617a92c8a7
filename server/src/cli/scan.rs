#![allow(missing_docs)]
#[derive(Debug, clap::Args)]
pub struct ScanCommand {}
impl ScanCommand {
    pub async fn run(self, _h: &super::TheHouse) -> Result<std::process::ExitCode, super::Failure> {
        Ok(std::process::ExitCode::SUCCESS)
    }
}
