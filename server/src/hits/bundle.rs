//! What one caller brings to be filed. The clerk files what several bring at the same time in one transaction.

use super::{
    file::{Match, of_token, time_of},
    ledger::{ByToken, Ledger},
};
use crate::{
    clerk::Entry,
    hits::record::Record,
    house::House,
    live::HitRing,
    store::{self, Tx},
};
use app::model::{
    fault::Fault,
    hit::{HitKind, Sighting},
    ids::TokenId,
};
use std::sync::Arc;

/// How many matches are one bundle. What is more comes in several, so that others get their turn in between.
const MOST: usize = 200;

/// A record that was found to be about a token.
#[derive(Clone, Debug)]
pub struct Found {
    /// The token.
    pub token: TokenId,
    /// What the record says about it.
    pub kind: HitKind,
    /// The record; it may be about several tokens.
    pub record: Arc<Record>,
}

/// Matched records that came by the same way at the same time.
#[derive(Debug)]
pub struct Bundle {
    sighting: Sighting,
    found: Vec<Found>,
}

/// Files matched records; returns the hits that are new. When it returns, all of it is committed.
///
/// # Errors
/// Where the database refuses. Handing in the same records again is safe: what was filed before is not new.
pub async fn file(house: &House, sighting: Sighting, found: Vec<Found>) -> Result<Vec<HitRing>, Fault> {
    let mut filed = Vec::new();
    let mut found = found.into_iter();
    loop {
        let bundle = Bundle { sighting, found: found.by_ref().take(MOST).collect() };
        if bundle.found.is_empty() {
            return Ok(filed);
        }
        filed.extend(house.clerks.hits.ask(bundle).await?.await?);
    }
}

impl Entry for Bundle {
    type Answer = Vec<HitRing>;

    fn weight(&self) -> usize {
        self.found.len()
    }

    async fn write(bundles: &[&Self], house: &House, tx: &mut Tx) -> Result<Vec<Vec<HitRing>>, Fault> {
        // A key in use is heard of many times at once: what is read and written about a token is so once for all of it.
        let mut by_token = ByToken::new();
        for (index, bundle) in bundles.iter().enumerate() {
            for Found { token, kind, record } in &bundle.found {
                let one = Match { token, kind: *kind, record, sighting: bundle.sighting, bundle: index };
                by_token.entry(token).or_default().push(one);
            }
        }
        let tokens = by_token.keys().map(|token| token.as_str().to_owned()).collect();
        let flavour = house.store.flavour();
        let rows = store::tokens::lock_all(tx, flavour, tokens).await?;
        let mut ledger = Ledger::of(tx, flavour, &by_token).await?;
        let mut filed = vec![Vec::new(); bundles.len()];
        for row in rows {
            let Some(mut matches) = by_token.remove(&row.token.id) else { continue };
            matches.sort_by_key(time_of);
            for (bundle, ring) in of_token(house, tx, &mut ledger, row, &matches).await? {
                if let Some(of_bundle) = filed.get_mut(bundle) {
                    of_bundle.push(ring);
                }
            }
        }
        ledger.write(house, tx).await?;
        Ok(filed)
    }

    fn committed(house: &House, filed: &Vec<HitRing>) {
        for ring in filed {
            house.bell.hit(ring.clone());
        }
    }
}
