//! The beginning of the chain: its key, and the entries from before there was one.

use super::{Subject, note_on};
use crate::{
    house::{ChanceExt as _, House},
    store::{audit, audit::KEY, people::settings},
};
use app::model::{fault::Fault, secret::Secret, viewer::Viewer};

/// Makes the chain's key at the first start, and gives what an older Aviary wrote its place in the chain. Of several
/// processes that start at once one does it. Done again, it does nothing.
///
/// The key is made by chance, once, and sealed: whoever exchanges the sealing key seals it anew, and the chain goes on.
///
/// # Errors
/// Where the database refuses.
pub async fn begin(house: &House) -> Result<(), Fault> {
    if audit::sealed_key(&mut *house.store.read().await?).await?.is_some() {
        return Ok(());
    }
    let mut tx = house.store.begin().await?;
    let head = audit::lock(&mut tx).await?;
    if audit::sealed_key(&mut tx).await?.is_some() {
        return Ok(());
    }
    let key: [u8; 32] = house.chance.bytes();
    let sealed = house.sealer.seal(&Secret::new(hex::encode(key)), KEY, &*house.chance)?;
    settings::set(&mut tx, KEY, &sealed).await?;
    let begun = if head.seq > 0 {
        // Somebody took the key away. The log says so from now on, and goes on.
        tracing::error!("the key of the audit log's chain is missing; another one is made");
        Some(format!(
            "The key of the chain was missing and another one was made: nobody can verify the {} entries before this one \
             any more.",
            head.seq
        ))
    } else {
        let old = audit::chain_old(&mut tx, &key).await?;
        (old > 0).then(|| format!("{old} entries from before were chained as they were found"))
    };
    if let Some(detail) = begun {
        let subject = Subject::new("audit", "", "Audit log");
        let what = ("audit.begin", detail.as_str());
        note_on(house, &mut tx, &Viewer::system("aviary"), what, subject).await?;
    }
    Ok(tx.commit().await?)
}
