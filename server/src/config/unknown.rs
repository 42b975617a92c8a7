//! Variables that look like settings and are none: a slip of the pen in a name would otherwise go unnoticed.
//!
//! They do not stop the start, unlike a wrong value: whoever runs the server may have variables of their own, and Kubernetes
//! makes some for a service that is called `aviary`.

use super::KEYS;

/// Where to find `aviary.toml`; read before any key.
const CONFIG: &str = "AVIARY_CONFIG";

/// What is said about each variable that begins as ours do and is none of them, in the order of the names.
pub fn told(variables: impl Iterator<Item = String>) -> Vec<String> {
    let known = || KEYS.iter().map(|key| key.variable).chain([CONFIG]);
    let is_ours = |name: &str| known().any(|known| known == name);
    let mut unknown: Vec<String> =
        variables.filter(|name| name.starts_with("AVIARY_") && !is_ours(name) && !is_of_others(name)).collect();
    unknown.sort_unstable();
    let tell = |name: &String| {
        let near = known().min_by_key(|known| strsim::damerau_levenshtein(known, name));
        let near = near.filter(|near| strsim::damerau_levenshtein(near, name) <= 3);
        let hint =
            near.map_or_else(|| "`aviary config` lists all of them".to_owned(), |near| format!("did you mean {near}?"));
        format!("{name} is set, but there is no such setting: {hint}")
    };
    unknown.iter().map(tell).collect()
}

/// What Kubernetes sets for services (`AVIARY_SERVICE_HOST`, `AVIARY_PORT_3000_TCP_ADDR` and their like), what the pages tell
/// people to keep an API key in, and what the tests and benches of this project read.
fn is_of_others(name: &str) -> bool {
    let of_service = name.ends_with("_SERVICE_HOST") || name.contains("_SERVICE_PORT");
    let of_port = name.split_once("_PORT").is_some_and(|(_, rest)| {
        rest.is_empty() || rest.strip_prefix('_').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    of_service
        || of_port
        || name == "AVIARY_KEY"
        || name.starts_with("AVIARY_TEST_")
        || name.starts_with("AVIARY_BENCH_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told_of(names: &[&str]) -> Vec<String> {
        told(names.iter().map(|name| (*name).to_owned()))
    }

    #[test]
    fn a_slip_of_the_pen_is_told_with_what_was_meant() {
        let told =
            told_of(&["PATH", "AVIARY_LOCAL_SIGNIN", "AVIARY_LISTEN", "AVIARY_CONFIG", "AVIARY_COLOUR_OF_THE_SKY"]);
        assert_eq!(
            told,
            [
                "AVIARY_COLOUR_OF_THE_SKY is set, but there is no such setting: `aviary config` lists all of them",
                "AVIARY_LOCAL_SIGNIN is set, but there is no such setting: did you mean AVIARY_LOCAL_SIGN_IN?",
            ]
        );
    }

    #[test]
    fn what_others_set_is_passed_over() {
        let none: [&str; 0] = [];
        let others = [
            "AVIARY_SERVICE_HOST",
            "AVIARY_SERVICE_PORT_HTTP",
            "AVIARY_PORT",
            "AVIARY_PORT_3000_TCP_ADDR",
            "AVIARY_KEY",
        ];
        assert_eq!(told_of(&others), none);
        assert_eq!(told_of(&["AVIARY_PORTS"]).len(), 1);
    }
}
