//! Chat services: an incoming webhook whose address is a secret, and which is confirmed by the code in a message. What
//! differs from one to the other is a row of this.

use super::{
    Outcome, PATIENCE_FOR_PROOF, Parts, Proof, address,
    http::{self, post_hidden, refused_with},
    message::Message,
};
use crate::{
    house::House,
    store::alerts::{destinations::DestinationRow, queue::Due},
};
use app::model::{alert::DestinationForm, fault::FieldFault};
use serde_json::Value;

/// A chat service.
pub(super) struct Chat {
    /// What of its addresses is no secret: the beginning of their path.
    pub path: &'static str,
    /// The words of refusals after which trying again is pointless.
    pub hopeless: &'static [&'static str],
    /// A message in its own form.
    pub render: fn(&Message) -> Value,
}

impl Chat {
    /// What was typed for a new one.
    pub(super) fn read(&self, form: &DestinationForm) -> Result<Parts, Vec<FieldFault>> {
        address::hidden(form, self.path)
    }

    /// Hands an alert to it.
    pub(super) async fn send(&self, house: &House, destination: &DestinationRow, due: &Due) -> Outcome {
        let body = (self.render)(&Message::of(house, destination, due));
        http::deliver(house, destination, &body, |reply| refused_with(reply, self.hopeless)).await
    }

    /// Sends the message with the code.
    pub(super) async fn prove(&self, house: &House, destination: &DestinationRow, code: &str) -> Result<Proof, String> {
        let body = (self.render)(&Message::proof(house, destination, code));
        http::code_sent(&post_hidden(house, destination, &body, PATIENCE_FOR_PROOF).await?)
    }
}
