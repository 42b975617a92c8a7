//! How many destinations are served at the same time by this process: in a lane, and of one host, so that many webhooks at
//! one receiver neither flood it nor, where it hangs, take the place of others.

use crate::{issuers::aws::authority, store::alerts::leases::Lane};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

/// How many destinations are served at the same time.
const SOUND: usize = 256;

/// How many of those whose last attempt failed are served besides. Each may hang until its patience ends, and they
/// never take the place of the others.
const DOUBTFUL: usize = 64;

/// How many of one host at the same time.
pub const AT_ONE_HOST: usize = 8;

/// What stands for the mail server.
const MAIL: &str = "smtp:";

/// Who is being served.
#[derive(Clone, Debug, Default)]
pub struct Places(Arc<Kept>);

#[derive(Debug, Default)]
struct Kept {
    taken: Mutex<Taken>,
    /// Is told when a place gets free that somebody may have wanted.
    freed: Notify,
}

#[derive(Debug, Default)]
struct Taken {
    sound: usize,
    doubtful: usize,
    at_host: HashMap<String, usize>,
}

/// A place in a lane and at a host; it is free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    places: Places,
    lane: Lane,
    host: String,
}

impl Taken {
    fn of(&mut self, lane: Lane) -> (&mut usize, usize) {
        match lane {
            Lane::Sound => (&mut self.sound, SOUND),
            Lane::Doubtful => (&mut self.doubtful, DOUBTFUL),
        }
    }
}

impl Places {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place in a lane and at a host, if one is free. What has no host needs none there.
    pub fn enter(&self, lane: Lane, host: &str) -> Option<Place> {
        let mut taken = self.taken();
        let (in_lane, most) = taken.of(lane);
        if *in_lane >= most {
            return None;
        }
        if !host.is_empty() {
            let at_host = taken.at_host.entry(host.to_owned()).or_default();
            if *at_host >= AT_ONE_HOST {
                return None;
            }
            *at_host += 1;
        }
        *taken.of(lane).0 += 1;
        Some(Place { places: self.clone(), lane, host: host.to_owned() })
    }

    /// How many places are free in a lane.
    pub fn free(&self, lane: Lane) -> usize {
        let mut taken = self.taken();
        let (in_lane, most) = taken.of(lane);
        most.saturating_sub(*in_lane)
    }

    /// Hosts at which no place is free.
    pub fn full(&self) -> Vec<String> {
        let taken = self.taken();
        taken.at_host.iter().filter(|(_, count)| **count >= AT_ONE_HOST).map(|(host, _)| host.clone()).collect()
    }

    /// Waits until a place got free where there was none.
    pub async fn freed(&self) {
        self.0.freed.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        let (in_lane, most) = taken.of(self.lane);
        let mut was_full = *in_lane >= most;
        *in_lane -= 1;
        if let Some(at_host) = taken.at_host.get_mut(&self.host) {
            was_full |= *at_host >= AT_ONE_HOST;
            *at_host -= 1;
            if *at_host == 0 {
                taken.at_host.remove(&self.host);
            }
        }
        drop(taken);
        if was_full {
            self.places.0.freed.notify_one();
        }
    }
}

/// Host and port of an address. All mail goes through one server of ours, and what has an ARN to its service in a region.
/// Empty where it has none of these.
pub fn host_of(address: &str) -> String {
    if let Some(rest) = address.strip_prefix("arn:") {
        let mut parts = rest.split(':').skip(1);
        let (service, region) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        return format!("{service}:{region}");
    }
    if !address.contains("://") && address.contains('@') {
        return MAIL.to_owned();
    }
    let url = url::Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https" | "tls" | "tcp"));
    url.and_then(|url| authority(&url)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    #[test]
    fn a_place_is_free_again_once_it_is_left() {
        let places = Places::default();
        let enter = |host: &str| places.enter(Lane::Sound, host);
        let mut taken: Vec<_> = (0..AT_ONE_HOST).map(|_| enter("a:443").unwrap()).collect();
        assert!(enter("a:443").is_none() && enter("b:443").is_some());
        assert_eq!(places.full(), ["a:443"]);
        assert!(places.freed().now_or_never().is_none(), "nobody waited for the place at b");
        taken.pop();
        assert!(places.freed().now_or_never().is_some());
        assert!(places.full().is_empty() && enter("a:443").is_some());
        let many: Vec<_> = (0..100).map(|_| enter("")).collect();
        assert!(many.iter().all(Option::is_some), "what has no host has no bound there");
    }

    #[test]
    fn a_lane_has_a_bound_of_its_own() {
        let places = Places::default();
        let mut taken: Vec<_> = (0..DOUBTFUL).map(|_| places.enter(Lane::Doubtful, "").unwrap()).collect();
        assert!(places.enter(Lane::Doubtful, "").is_none() && places.enter(Lane::Sound, "").is_some());
        assert_eq!((places.free(Lane::Doubtful), places.free(Lane::Sound)), (0, SOUND));
        taken.pop();
        assert_eq!(places.free(Lane::Doubtful), 1);
        assert!(places.freed().now_or_never().is_some());
    }

    #[test]
    fn a_host_is_told_apart_by_its_port() {
        assert_eq!(host_of("https://hooks.example.com/services/1"), "hooks.example.com:443");
        assert_eq!(host_of("http://[::1]:8080/"), "[::1]:8080");
        assert_eq!(host_of("tls://logs.example.com:6514"), "logs.example.com:6514");
        assert_eq!(host_of("tcp://10.0.0.5:601"), "10.0.0.5:601");
    }

    #[test]
    fn what_goes_through_one_service_has_one_bound() {
        assert_eq!(host_of("ana@example.com"), host_of("bo@example.org"));
        assert_eq!(host_of("arn:aws:sns:eu-west-1:111122223333:alerts"), "sns:eu-west-1");
        assert_eq!(host_of("arn:aws:events:eu-west-1:111122223333:event-bus/alerts"), "events:eu-west-1");
        assert_eq!(host_of("somewhere"), "");
        let places = Places::default();
        let enter = |address: &str| places.enter(Lane::Sound, &host_of(address));
        let mail: Vec<_> = (0..AT_ONE_HOST).map(|_| enter("ana@example.com").unwrap()).collect();
        assert!(enter("bo@example.org").is_none(), "a mail server that hangs holds up mail alone");
        assert!(enter("https://a").is_some());
        drop(mail);
    }
}
