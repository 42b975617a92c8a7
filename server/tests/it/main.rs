//! x

mod tree;
