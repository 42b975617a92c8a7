//! Accounts, minting and drills against an AWS of the test's own.

mod capacity;
mod crash;
mod drill;
pub mod either;
pub mod emulator;
mod kms;
mod mint;
mod moto;
mod others;
pub mod proxy;
mod rotate;
mod stack;
mod stub;
