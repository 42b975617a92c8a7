//! What one caller brings to be filed. The clerk files what several bring at the same time in one transaction.

use super::file::{Match, of_token};
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
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

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
        // All of them first and in one order, so that two processes never wait for each other crosswise.
        let tokens: BTreeSet<&TokenId> =
            bundles.iter().flat_map(|bundle| bundle.found.iter().map(|found| &found.token)).collect();
        for token in tokens {
            store::tokens::lock(tx, token).await?;
        }
        let mut filed = Vec::new();
        for bundle in bundles {
            let mut by_token: BTreeMap<&TokenId, Vec<Match<'_>>> = BTreeMap::new();
            for Found { token, kind, record } in &bundle.found {
                by_token.entry(token).or_default().push(Match { token, kind: *kind, record });
            }
            let mut rings = Vec::new();
            for (token, mut matches) in by_token {
                matches.sort_by_key(|one| one.record.event_time);
                rings.extend(of_token(house, tx, bundle.sighting, token, &matches).await?);
            }
            filed.push(rings);
        }
        Ok(filed)
    }

    fn committed(house: &House, filed: &Vec<HitRing>) {
        for ring in filed {
            house.bell.hit(ring.clone());
        }
        if !filed.is_empty() {
            house.bell.deliveries();
        }
    }
}
