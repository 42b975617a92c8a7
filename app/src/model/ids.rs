//! Identifiers, each a type of its own so that one cannot stand where another is meant.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The identifier as text, as it stands in addresses and in the database.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

id!(
    /// One canary key and where it was placed.
    TokenId
);
id!(
    /// One use of a token.
    HitId
);
id!(
    /// The hits on one token that belong together.
    IncidentId
);
id!(
    /// An address alerts can go to.
    DestinationId
);
id!(
    /// What a destination hears about.
    SubscriptionId
);
id!(
    /// One alert on its way to one destination.
    DeliveryId
);
id!(
    /// Somebody who signs in.
    PersonId
);
id!(
    /// People who own tokens together.
    TeamId
);
id!(
    /// A key for programs that speak to the REST API.
    ApiKeyId
);
id!(
    /// A passkey of somebody.
    PasskeyId
);
