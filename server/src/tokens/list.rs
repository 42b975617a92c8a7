//! Looking at tokens.

use super::{change::refused_for_adopted, find, reveal};
use crate::{
    alerts,
    house::{ChanceExt as _, House},
    store::{
        self,
        counts::Counted,
        cursor::{self, Cursor},
    },
};
use app::{
    api::tokens::{MintChoices, TokenView},
    model::{
        fault::Fault,
        ids::TokenId,
        list::Page,
        moment::DAY,
        person::Choice,
        token::{Token, TokenCounts, TokenQuery},
        viewer::{Act, Reach, Viewer},
    },
};

/// Tokens that the viewer may see.
///
/// # Errors
/// `Forbidden` for those who may see none; `Invalid`, where the cursor is none of ours.
pub async fn list(house: &House, viewer: &Viewer, query: &TokenQuery) -> Result<Page<Token>, Fault> {
    viewer.must(Act::SeeTokens)?;
    let after = Cursor::decode_option(query.after.as_deref())?;
    let size = cursor::page_size(query.limit);
    let reach = viewer.reach(Act::SeeTokens);
    let rows = store::tokens::list(&mut *house.store.read().await?, &reach, query, after.as_ref(), size).await?;
    let page = cursor::page(rows, size, |row| {
        Cursor::new(store::tokens::sort_key(&row.token, query.sort), row.token.id.as_str())
    });
    Ok(page.map(|row| row.token))
}

/// How many fit this search, by state; its own state, order and place in the list do not count.
///
/// # Errors
/// `Forbidden` for those who may see none.
pub async fn counts_of(house: &House, viewer: &Viewer, query: &TokenQuery) -> Result<TokenCounts, Fault> {
    if !query.narrows() {
        return counts(house, viewer).await;
    }
    viewer.must(Act::SeeTokens)?;
    let reach = viewer.reach(Act::SeeTokens);
    let by_state = store::tokens::count_by_state(&mut *house.store.read().await?, &reach, query).await?;
    let total = by_state.iter().map(|(_, tokens)| tokens).sum();
    Ok(TokenCounts { by_state, total, tripped_this_week: 0 })
}

/// How many there are, by state.
///
/// # Errors
/// `Forbidden` for those who may see none.
pub async fn counts(house: &House, viewer: &Viewer) -> Result<TokenCounts, Fault> {
    viewer.must(Act::SeeTokens)?;
    let (reach, now) = (viewer.reach(Act::SeeTokens), house.now());
    let mut counts = TokenCounts::default();
    let counted = house.store.tokens_counted(now).await?;
    let within = |some: &&Counted| match &reach {
        Reach::Everywhere => true,
        Reach::Teams(teams) => teams.contains(&some.team_id),
    };
    for some in counted.iter().filter(within) {
        counts.total += some.tokens;
        match counts.by_state.iter_mut().find(|(state, _)| *state == some.state) {
            Some((_, tokens)) => *tokens += some.tokens,
            None => counts.by_state.push((some.state, some.tokens)),
        }
    }
    let week = now.plus(-7 * DAY);
    counts.tripped_this_week = store::tokens::count_hit_since(&mut *house.store.read().await?, &reach, week).await?;
    Ok(counts)
}

/// One token, and what the viewer may do with it.
///
/// # Errors
/// `NotFound`.
pub async fn get(house: &House, viewer: &Viewer, id: &TokenId) -> Result<TokenView, Fault> {
    let row = find(house, viewer, id).await?;
    let issuer = house.issuers.of(&row.token.account);
    Ok(TokenView {
        former_keys: store::former_keys::of_token(&mut *house.store.read().await?, id).await?,
        may_manage: viewer.may(Act::ManageTokens, Some(&row.token.team_id)),
        may_reveal: reveal::may(viewer, &row),
        revoke_refused: (row.token.adopted && issuer.is_none()).then(|| refused_for_adopted(&row)),
        endpoint: issuer.and_then(|issuer| issuer.account().endpoint),
        token: row.token,
    })
}

/// What the form for a new token offers.
///
/// # Errors
/// `Forbidden` for those who may mint nowhere.
pub async fn choices(house: &House, viewer: &Viewer) -> Result<MintChoices, Fault> {
    viewer.must(Act::Mint)?;
    let reach = viewer.reach(Act::Mint);
    let teams = store::people::teams::list(&mut *house.store.read().await?, &reach).await?;
    let teams = teams.into_iter().map(|team| Choice { value: team.name.clone(), text: team.name }).collect();
    Ok(MintChoices {
        accounts: house.issuers.accounts(),
        teams,
        destinations: alerts::destinations(house, viewer).await?,
        owner: viewer.name.clone(),
        once: house.chance.code(),
    })
}
