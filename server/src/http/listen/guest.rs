//! Who is connected, and who goes when there is no more room.

use crate::net::guard::subscriber;
use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};
use tokio::sync::Notify;

/// The connections of one listener.
pub(super) struct Room {
    connections: usize,
    per_address: usize,
    /// Counts how often somebody began to rest, so that those who rest have an order.
    rests: Arc<AtomicU64>,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    guests: BTreeMap<u64, Arc<Guest>>,
    of: HashMap<IpAddr, usize>,
    next: u64,
}

impl Table {
    fn remove(&mut self, number: u64) -> Option<Arc<Guest>> {
        let guest = self.guests.remove(&number)?;
        if let Some(count) = self.of.get_mut(&guest.whence) {
            *count -= 1;
            if *count == 0 {
                self.of.remove(&guest.whence);
            }
        }
        Some(guest)
    }

    /// Who has rested longest, of those from this network or of all.
    fn longest_resting(&self, whence: Option<IpAddr>) -> Option<u64> {
        let resting = self.guests.iter().filter(|(_, guest)| !guest.is_busy());
        let near = resting.filter(|(_, guest)| whence.is_none_or(|whence| guest.whence == whence));
        near.min_by_key(|(_, guest)| guest.rests_since.load(Ordering::Relaxed)).map(|(number, _)| *number)
    }

    /// Asks the longest resting one to go; whether there was one.
    fn send_away(&mut self, whence: Option<IpAddr>) -> bool {
        let guest = self.longest_resting(whence).and_then(|number| self.remove(number));
        if let Some(guest) = &guest {
            guest.away.notify_one();
        }
        guest.is_some()
    }
}

impl Room {
    pub(super) fn new(connections: usize, per_address: usize) -> Self {
        Self { connections, per_address, rests: Arc::default(), table: Mutex::default() }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for somebody from this address. Where all are taken, somebody who rests goes; `None`, where nobody does.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let whence = subscriber(address);
        let mut table = self.table();
        let crowded = table.of.get(&whence).is_some_and(|count| *count >= self.per_address);
        let full = table.guests.len() >= self.connections;
        let has_place = match (crowded, full) {
            (true, _) => table.send_away(Some(whence)),
            (false, true) => table.send_away(None),
            (false, false) => true,
        };
        if !has_place {
            return None;
        }
        let number = table.next;
        table.next += 1;
        let guest = Arc::new(Guest {
            whence,
            heads: AtomicU64::new(0),
            under_way: AtomicUsize::new(0),
            rests_since: AtomicU64::new(self.rests.fetch_add(1, Ordering::Relaxed)),
            rests: Arc::clone(&self.rests),
            away: Notify::new(),
        });
        table.guests.insert(number, Arc::clone(&guest));
        *table.of.entry(whence).or_default() += 1;
        Some(Place { room: Arc::clone(self), number, guest })
    }

    /// Asks up to this many of those who rest to go.
    pub(super) fn send_away(&self, most: usize) {
        let mut table = self.table();
        for _ in 0..most {
            if !table.send_away(None) {
                break;
            }
        }
    }
}

/// Somebody's place, free again when it is dropped.
pub(super) struct Place {
    room: Arc<Room>,
    number: u64,
    guest: Arc<Guest>,
}

impl Place {
    pub(super) fn guest(&self) -> &Arc<Guest> {
        &self.guest
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.table().remove(self.number);
    }
}

/// One connection, as seen from outside.
pub(super) struct Guest {
    whence: IpAddr,
    /// Requests whose heads were complete, ever.
    heads: AtomicU64,
    /// Requests that are being answered: their heads are here, and their answers are not told to the end.
    under_way: AtomicUsize,
    rests_since: AtomicU64,
    rests: Arc<AtomicU64>,
    away: Notify,
}

impl Guest {
    /// How many requests there were whose heads were complete.
    pub(super) fn heads(&self) -> u64 {
        self.heads.load(Ordering::Relaxed)
    }

    /// Whether a request is being answered.
    pub(super) fn is_busy(&self) -> bool {
        self.under_way.load(Ordering::Relaxed) > 0
    }

    /// Ends when this one has to go.
    pub(super) async fn sent_away(&self) {
        self.away.notified().await;
    }

    /// Begins to answer a request; until this is dropped.
    pub(super) fn stay(self: &Arc<Self>) -> Stay {
        self.heads.fetch_add(1, Ordering::Relaxed);
        self.under_way.fetch_add(1, Ordering::Relaxed);
        Stay(Arc::clone(self))
    }
}

/// A request that is being answered.
pub(super) struct Stay(Arc<Guest>);

impl Drop for Stay {
    fn drop(&mut self) {
        self.0.rests_since.store(self.0.rests.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn four(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    fn is_away(place: &Place) -> bool {
        !place.room.table().guests.contains_key(&place.number)
    }

    #[test]
    fn the_longest_resting_makes_place_and_who_is_answered_stays() {
        let room = Arc::new(Room::new(3, 10));
        let places: Vec<_> = (1..=3).map(|last| room.admit(four(last)).unwrap()).collect();
        let stay = places[0].guest().stay();
        let fourth = room.admit(four(4)).unwrap();
        assert_eq!(places.iter().map(is_away).collect::<Vec<_>>(), [false, true, false]);
        drop(stay);
        // The first one has just been answered: the third one has rested longer.
        let fifth = room.admit(four(5)).unwrap();
        assert_eq!(places.iter().map(is_away).collect::<Vec<_>>(), [false, true, true]);
        let _stays = [places[0].guest().stay(), fourth.guest().stay(), fifth.guest().stay()];
        assert!(room.admit(four(6)).is_none());
        drop(places);
        assert!(room.admit(four(6)).is_some());
    }

    #[test]
    fn a_crowd_of_one_address_takes_nobody_elses_place() {
        let room = Arc::new(Room::new(10, 2));
        let other = room.admit(four(9)).unwrap();
        let crowd: Vec<_> = (0..5).map(|_| room.admit(four(1)).unwrap()).collect();
        assert_eq!(crowd.iter().filter(|place| !is_away(place)).count(), 2);
        assert!(!is_away(&other));
        let _stays: Vec<_> = crowd.iter().map(|place| place.guest().stay()).collect();
        assert!(room.admit(four(1)).is_none() && room.admit(four(2)).is_some());
    }

    #[test]
    fn a_network_of_one_subscriber_is_one_address() {
        let same = |one: &str, other: &str| {
            subscriber(one.parse::<IpAddr>().unwrap()) == subscriber(other.parse::<IpAddr>().unwrap())
        };
        assert!(same("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"));
        assert!(!same("2001:db8:1:2::1", "2001:db8:1:3::1"));
        assert!(same("::ffff:203.0.113.7", "203.0.113.7") && !same("203.0.113.7", "203.0.113.8"));
    }
}
