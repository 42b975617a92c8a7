//! What a worker writes down: attempts, and the end of its leases. The clerk writes those of many destinations at once.

use crate::{
    alerts::silent,
    clerk::Entry,
    house::House,
    store::{
        Tx,
        alerts::{attempts, attempts::Tried, destinations::DestinationRow, kept, leases, standing, standing::Standing},
    },
};
use app::model::{fault::Fault, ids::DestinationId, moment::Moment};

/// Something that a worker writes down.
#[derive(Debug)]
pub enum Note {
    /// An attempt was made.
    Tried {
        /// The attempt.
        tried: Tried,
        /// How the destination stands, where that is news.
        health: Option<Box<Health>>,
    },
    /// Nothing more is sent under the lease that runs until then.
    Done {
        /// The destination.
        destination: DestinationId,
        /// Until when the lease runs: one of these.
        until: [Moment; 2],
        /// When it ends instead.
        now: Moment,
    },
}

/// How a destination is.
#[derive(Debug)]
pub struct Health {
    /// Which.
    pub destination: DestinationRow,
    /// How it stands.
    pub standing: Standing,
    /// Why the last attempt was not accepted, if it was not.
    pub error: Option<String>,
    /// Nothing is sent there before then.
    pub not_before: Moment,
    /// When the last attempt began.
    pub began: Moment,
}

impl Entry for Note {
    type Answer = ();

    fn weight(&self) -> usize {
        1
    }

    async fn write(notes: &[&Self], house: &House, tx: &mut Tx) -> Result<Vec<()>, Fault> {
        let mut tried: Vec<&Tried> = notes
            .iter()
            .filter_map(|note| match note {
                Self::Tried { tried, .. } => Some(tried),
                Self::Done { .. } => None,
            })
            .collect();
        // Always in the same order: first the destinations that change, then the deliveries. Who gives up what is on its way
        // does the same.
        let changed = notes.iter().filter_map(|note| match note {
            Self::Tried { health, .. } => Some(health.as_ref()?.destination.id.clone()),
            Self::Done { destination, .. } => Some(destination.clone()),
        });
        leases::lock(tx, house.store.flavour(), changed.collect()).await?;
        tried.sort_by(|one, other| one.delivery.cmp(&other.delivery));
        attempts::record(tx, &tried).await?;
        for note in notes {
            match note {
                Self::Tried { health: None, .. } => {}
                Self::Tried { health: Some(health), .. } => {
                    health.write(house, tx).await?;
                }
                Self::Done { destination, until, now } => {
                    leases::renew(tx, destination, *until, *now).await?;
                }
            }
        }
        Ok(vec![(); notes.len()])
    }

    fn committed(house: &House, (): &()) {
        house.step("noted");
    }
}

impl Health {
    /// Keeps how the destination stands. Where it begins to fail, others are told.
    async fn write(&self, house: &House, tx: &mut Tx) -> Result<(), Fault> {
        let Self { destination, standing, error, not_before, began } = self;
        let times = (*began, *not_before);
        let begins = standing::set(tx, &destination.id, standing, error.as_deref(), times).await?;
        if standing.failing && standing.probe_at.is_none_or(|at| at > house.now()) {
            // What is more than that is kept by the next run, which begins at once.
            kept::hold(tx, &destination.id, true).await?;
        }
        if begins {
            tracing::warn!(destination = %destination.id, "a destination is failing; its alerts are kept");
            silent::tell(house, tx, destination, error.as_deref().unwrap_or_default()).await?;
        }
        Ok(())
    }
}
