//! The fields of a posted form.

use crate::http::{
    Front,
    api::{body::unreadable, problem::Problem},
};
use app::model::fault::{Fault, FaultKind};
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use zeroize::Zeroize as _;

/// Name and value of each field, in the order in which they were sent. Passwords are among them: the memory is overwritten
/// when they are no longer needed, and no value is printed.
#[derive(Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl Drop for Fields {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(|(_, value)| value.zeroize());
    }
}

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// Fields whose values are never shown again.
const PRIVATE: [&str; 6] = ["password", "current", "new", "credential", "client_secret", "id_token"];

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
        let bytes = Bytes::from_request(request, front).await.map_err(unreadable)?;
        if bytes.contains(&0) || memchr::memmem::find(&bytes, b"%00").is_some() {
            return Err(Problem(Fault::new(FaultKind::Malformed, "The form has a NUL character in it.")));
        }
        serde_urlencoded::from_bytes(&bytes)
            .map(Self)
            .map_err(|error| Problem(Fault::new(FaultKind::Malformed, format!("The form could not be read: {error}."))))
    }
}

#[cfg(test)]
mod tests {
    use super::Fields;

    #[test]
    fn neither_passwords_nor_other_values_are_printed() {
        let fields = Fields::of(&[("email", "ana@example.com"), ("password", "plum tractor window")]);
        assert_eq!(format!("{fields:?}"), "[\"email\", \"password\"]");
        assert_eq!(fields.to_show(), [("email".to_owned(), "ana@example.com".to_owned())]);
    }
}
