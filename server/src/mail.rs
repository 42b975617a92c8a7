#![allow(missing_docs, unused)]
#[derive(Clone, Debug)]
pub struct Mailer;
pub struct Mail;
impl Mail {
    pub fn plain(a: &str, b: &str, c: &str) -> Self {
        Mail
    }
}
impl Mailer {
    pub fn new(
        c: &crate::config::Config,
        a: &std::sync::Arc<dyn crate::house::Clock>,
        b: &std::sync::Arc<dyn crate::house::Chance>,
    ) -> Result<Self, std::io::Error> {
        Ok(Mailer)
    }
    pub async fn send(&self, m: &Mail) -> Result<(), std::io::Error> {
        Ok(())
    }
}
