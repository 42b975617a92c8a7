#![allow(missing_docs)]
pub fn router(_h: std::sync::Arc<crate::house::House>) -> axum::Router {
    axum::Router::new()
}
