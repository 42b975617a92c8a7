//! How many destinations of one host are served at the same time by this process, so that many webhooks at one receiver
//! neither flood it nor, where it hangs, take the place of others.

use crate::issuers::aws::authority;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// How many at the same time.
pub const MOST: usize = 8;

/// What stands for the mail server.
const MAIL: &str = "smtp:";

/// Who is being served.
#[derive(Clone, Debug, Default)]
pub struct Hosts(Arc<Mutex<HashMap<String, usize>>>);

/// A place at a host; it is free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    hosts: Hosts,
    host: String,
}

impl Hosts {
    /// Takes a place at a host, if one is free. What has no host needs none.
    pub fn enter(&self, host: &str) -> Option<Place> {
        if !host.is_empty() {
            let mut busy = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let count = busy.entry(host.to_owned()).or_default();
            if *count >= MOST {
                return None;
            }
            *count += 1;
        }
        Some(Place { hosts: self.clone(), host: host.to_owned() })
    }

    /// Hosts at which no place is free.
    pub fn full(&self) -> Vec<String> {
        let busy = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        busy.iter().filter(|(_, count)| **count >= MOST).map(|(host, _)| host.clone()).collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut busy = self.hosts.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = busy.get_mut(&self.host) {
            *count -= 1;
            if *count == 0 {
                busy.remove(&self.host);
            }
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

    #[test]
    fn a_place_is_free_again_once_it_is_left() {
        let hosts = Hosts::default();
        let mut places: Vec<_> = (0..MOST).map(|_| hosts.enter("a:443").unwrap()).collect();
        assert!(hosts.enter("a:443").is_none() && hosts.enter("b:443").is_some());
        assert_eq!(hosts.full(), ["a:443"]);
        places.pop();
        assert!(hosts.full().is_empty() && hosts.enter("a:443").is_some());
        drop(places);
        assert!((0..100).map(|_| hosts.enter("")).all(|place| place.is_some()), "what has no host has no bound");
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
        let hosts = Hosts::default();
        let mail: Vec<_> = (0..MOST).map(|_| hosts.enter(&host_of("ana@example.com")).unwrap()).collect();
        assert!(hosts.enter(&host_of("bo@example.org")).is_none(), "a mail server that hangs holds up mail alone");
        assert!(hosts.enter("a:443").is_some());
        drop(mail);
    }
}
