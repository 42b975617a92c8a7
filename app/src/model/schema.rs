//! How the types with a form of their own look in the OpenAPI document.

use super::{moment::Moment, secret::Secret, token::OnHit};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

fn text(description: &str, format: Option<KnownFormat>) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(format.map(SchemaFormat::KnownFormat))
        .description(Some(description))
        .into()
}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        text("A time in UTC, RFC 3339.", Some(KnownFormat::DateTime))
    }
}

impl ToSchema for Moment {}

impl PartialSchema for Secret {
    fn schema() -> RefOr<Schema> {
        text("A secret, in this reply only.", Some(KnownFormat::Password))
    }
}

impl ToSchema for Secret {}

impl PartialSchema for OnHit {
    fn schema() -> RefOr<Schema> {
        text("`keep`, `disable` (at the first hit) or `disable_after:N`.", None)
    }
}

impl ToSchema for OnHit {}
