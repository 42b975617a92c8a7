//! What destinations call back with. They carry no key of ours; each proves itself by a signature or a secret address.

pub mod jira;
