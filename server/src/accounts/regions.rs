//! What can be known of partitions and regions without asking.

/// Partition, and the region that stands for "the usual one".
pub(super) const PARTITIONS: [(&str, &str); 3] =
    [("aws", "us-east-1"), ("aws-us-gov", "us-gov-west-1"), ("aws-cn", "cn-north-1")];

/// Whether this has the form of a region's name: `eu-central-1`, `us-gov-west-1`. New ones come every year, so that a
/// list would be wrong soon.
pub(crate) fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let letters = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    match parts.as_slice() {
        [words @ .., number] => {
            (2..=3).contains(&words.len())
                && words.iter().all(letters)
                && number.len() <= 2
                && number.parse::<u8>().is_ok_and(|number| number > 0)
        }
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_region;

    #[test]
    fn regions_are_known_by_their_form() {
        for region in ["us-east-1", "ap-southeast-5", "us-gov-west-1", "cn-north-1", "mx-central-1"] {
            assert!(is_region(region), "{region}");
        }
        for other in ["", "us", "us-east", "us-east-", "US-EAST-1", "us-east-1a", "eu--1", "a-b-c-d-1", "us-east-0"] {
            assert!(!is_region(other), "{other}");
        }
    }
}
