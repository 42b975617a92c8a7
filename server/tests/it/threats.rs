//! What SECURITY.md promises, attacker by attacker.

mod stolen;
