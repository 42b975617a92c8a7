#![allow(missing_docs, unused)]
use super::*;
pub struct Sandbox(std::net::SocketAddr);
impl Sandbox {
    pub async fn open(
        s: &crate::store::Store,
        se: &crate::seal::Sealer,
        c: &Arc<dyn crate::house::Clock>,
        ch: &Arc<dyn crate::house::Chance>,
        a: std::net::SocketAddr,
    ) -> Result<Self, crate::store::StoreError> {
        Ok(Self(a))
    }
}
#[async_trait::async_trait]
impl Issuer for Sandbox {
    fn account(&self) -> Account {
        Account { id: "sandbox".into(), name: "Sandbox".into(), endpoint: Some(format!("http://{}", self.0)) }
    }
    async fn mint(&self, w: &Wish) -> Result<Issued, IssuerError> {
        let k = app::model::key::key_id_for(123456789012, w.user_name.len() as u64 * 7919);
        Ok(Issued {
            account_id: "123456789012".into(),
            user_name: w.user_name.clone(),
            arn: format!("arn:aws:iam::123456789012:user/service/{}", w.user_name),
            unique_id: "AIDA".into(),
            access_key_id: k,
            secret: Secret::new("secret".into()),
        })
    }
    async fn set_active(&self, _: &KeyRef, _: bool) -> Result<(), IssuerError> {
        Ok(())
    }
    async fn delete(&self, _: &str) -> Result<(), IssuerError> {
        Ok(())
    }
    fn heard_at_once(&self) -> bool {
        true
    }
}
