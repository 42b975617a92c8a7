//! The doorways: pages, forms, REST and assets.

pub mod assets;
