//! What a worker writes down: attempts, and the end of its leases. The clerk writes those of many destinations at once.

use crate::{
    clerk::Entry,
    house::House,
    store::{
        Tx,
        alerts::{attempts, attempts::Tried, destinations, leases},
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
        /// How the destination is, where that is news.
        health: Option<Health>,
    },
    /// Nothing more is sent under the lease that runs until then.
    Done {
        /// The destination.
        destination: DestinationId,
        /// Until when the lease runs.
        until: Moment,
        /// When it ends instead.
        now: Moment,
    },
}

/// How a destination is.
#[derive(Debug)]
pub struct Health {
    /// Which.
    pub destination: DestinationId,
    /// Whether it counts as failing.
    pub failing: bool,
    /// Why the last attempt was not accepted, if it was not.
    pub error: Option<String>,
}

impl Entry for Note {
    type Answer = ();

    fn weight(&self) -> usize {
        1
    }

    async fn write(notes: &[&Self], _: &House, tx: &mut Tx) -> Result<Vec<()>, Fault> {
        let tried: Vec<&Tried> = notes
            .iter()
            .filter_map(|note| match note {
                Self::Tried { tried, .. } => Some(tried),
                Self::Done { .. } => None,
            })
            .collect();
        attempts::record(tx, &tried).await?;
        for note in notes {
            match note {
                Self::Tried { health: None, .. } => {}
                Self::Tried { health: Some(health), .. } => {
                    destinations::set_health(tx, &health.destination, health.failing, health.error.as_deref()).await?;
                }
                Self::Done { destination, until, now } => {
                    leases::renew(tx, destination, *until, *now).await?;
                }
            }
        }
        Ok(vec![(); notes.len()])
    }

    fn committed(_: &House, (): &()) {}
}
