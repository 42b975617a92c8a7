//! Accounts, minting and drills against an AWS of the test's own.

mod crash;
mod drill;
pub mod either;
pub mod emulator;
mod kms;
mod mint;
mod moto;
mod others;
mod proxy;
mod rotate;
mod stack;
mod stub;
