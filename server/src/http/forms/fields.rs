//! The fields of a posted form.

use crate::http::{Front, api::problem::Problem};
use app::model::fault::{Fault, FaultKind};
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};

/// Name and value of each field, in the order in which they were sent.
#[derive(Clone, Debug, Default)]
pub struct Fields(Vec<(String, String)>);

/// Fields whose values are never shown again.
const PRIVATE: [&str; 5] = ["password", "current", "new", "client_secret", "id_token"];

impl Fields {
    /// The first value of this name; empty where there is none.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The first value of this name, as a text of its own.
    pub fn own(&self, name: &str) -> String {
        self.text(name).to_owned()
    }

    /// All of them.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// Every value of this name that is not empty.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.clone()).collect()
    }

    /// These fields.
    #[cfg(test)]
    pub fn of(pairs: &[(&str, &str)]) -> Self {
        Self(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// What the page may show again.
    pub fn to_show(&self) -> Vec<(String, String)> {
        self.0.iter().filter(|(key, _)| !PRIVATE.contains(&key.as_str())).cloned().collect()
    }
}

impl FromRequest<Front> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, front: &Front) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, front).await.map_err(|rejection| {
            Problem(Fault::new(FaultKind::Malformed, format!("The form could not be read: {}.", rejection.body_text())))
        })?;
        serde_urlencoded::from_bytes(&bytes)
            .map(Self)
            .map_err(|error| Problem(Fault::new(FaultKind::Malformed, format!("The form could not be read: {error}."))))
    }
}
