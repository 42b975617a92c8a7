//! `/accounts`: for admins of the installation alone, who therefore see external ids too.

pub mod create;
pub mod edit;
pub mod input;
pub mod list;
pub mod read;
pub mod remove;
pub mod test;
