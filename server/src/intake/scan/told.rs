//! What a scan tells of: each event about a token once, with the key that it names.

use super::Telling;
use crate::{
    hits::{matching::Watch, record::Record},
    house::House,
    intake::own,
};
use app::model::{hit::HitKind, ids::TokenId};
use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::Arc,
};

/// The tokens that are looked for, and what was told of them.
pub struct Told {
    watch: Arc<Watch>,
    /// The key that each token has now.
    now: HashMap<TokenId, String>,
    events: HashSet<(String, TokenId)>,
}

impl Told {
    /// Nothing yet, of these tokens.
    pub fn new(watch: Arc<Watch>) -> Self {
        // A token that was rotated comes once per key, the one that it has now last.
        let now = watch.tokens().iter().map(|token| (token.id.clone(), token.access_key_id.clone())).collect();
        Self { watch, now, events: HashSet::new() }
    }

    /// How many tokens are looked for.
    pub fn tokens(&self) -> usize {
        self.now.len()
    }

    /// Tells what a record says about these tokens, but for Aviary's own changes; how many of it were not told before.
    pub fn tell(
        &mut self,
        house: &House,
        record: &Record,
        about: Vec<(TokenId, HitKind)>,
        path: &Path,
        tell: &mut (dyn FnMut(Telling<'_>) + Send),
    ) -> usize {
        let mut count = 0;
        for (token, kind) in own::without(house, record, about) {
            if self.events.insert((record.event_id.clone(), token.clone())) {
                count += 1;
                // Where no key of the token stands in the record, its user does: then the token goes by the key it has.
                let has = self.now.get(&token).map_or("", String::as_str);
                let access_key_id = self.watch.key_in(record, &token).unwrap_or(has);
                tell(Telling::Match { token: &token, access_key_id, kind, record, path });
            }
        }
        count
    }
}
