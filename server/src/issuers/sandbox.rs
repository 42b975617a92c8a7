//! The sandbox: a small AWS look-alike.
