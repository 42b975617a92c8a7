//! x

mod arrows;
mod tree;
