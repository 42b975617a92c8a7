//! Why what a provider sent is not taken, each reason in words of its own.

/// Why a token, or the way back with it, is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is no signed JSON Web Token, or its claims are not those of its kind.
    #[error("what came is no token that Aviary can read")]
    Unreadable,
    /// `alg` is `none`, or there is no signature.
    #[error("the token is not signed")]
    Unsigned,
    /// It is signed in a way that is not taken.
    #[error("the token is signed with {0}, and only signatures that a public key proves count")]
    Algorithm(String),
    /// No published key has its identifier.
    #[error("the token is signed with a key that the provider does not publish")]
    UnknownKey,
    /// Several keys could have signed it.
    #[error("the token does not say which of the provider's keys signed it")]
    WhichKey,
    /// The signature does not fit.
    #[error("the token's signature is wrong")]
    Signature,
    /// `iss` is another one.
    #[error("the token comes from another issuer")]
    Issuer,
    /// `aud` has others than this client.
    #[error("the token is meant for another application")]
    Audience,
    /// `azp` is another one.
    #[error("the token was given to another application")]
    AuthorizedParty,
    /// `nonce` is another one, or missing.
    #[error("the token belongs to another sign-in")]
    Nonce,
    /// `exp` is over.
    #[error("the token's time is over; if that happens again, a clock is wrong, there or here")]
    Expired,
    /// `iat` is yet to come, or long ago.
    #[error("the token was made at a time that cannot be; a clock is wrong, there or here")]
    IssuedAt,
    /// `sub` is missing, or is somebody else than before.
    #[error("the token does not say whom it is about, or is about somebody else")]
    Subject,
    /// `auth_time` is missing, or before the question.
    #[error("the provider did not ask again who you are")]
    NotFresh,
    /// A token that ends sessions lacks what makes it one, or has what it must not have.
    #[error("the token is none that ends sessions: {0}")]
    NoLogout(&'static str),
    /// It came before.
    #[error("the token came before")]
    Again,
}
