//! The audit log: who did what, before and after; its chain; taking it along.

mod chain;
mod command;
mod entries;
mod export;
mod refusals;

use crate::house::TestHouse;
use app::model::viewer::Viewer;
use aviary::{
    audit::{self, Expected, Verified},
    house::House,
    store::connect::Flavour,
};
use serde_json::Value;

/// What the walk over the chain finds.
async fn verified(house: &House, expected: Option<&Expected>) -> Verified {
    audit::verify(house, &Viewer::system("test"), expected).await.unwrap()
}

/// The end of the chain, as an operator notes it.
async fn noted(house: &House) -> Expected {
    let (seq, hash) = audit::head(house, &Viewer::system("test")).await.unwrap();
    Expected { seq, hash }
}

/// The entries of this act, the newest first.
async fn entries(house: &TestHouse, act: &str) -> Vec<Value> {
    let page = house.api().get(&format!("/audit?limit=500&act={act}")).await;
    assert!(page.status.is_success(), "{}", page.text);
    page.body()["items"].as_array().unwrap().clone()
}

/// Runs statements, as somebody who got hold of the database would; whether they were taken.
async fn by_hand(house: &House, statements: &[&str]) -> bool {
    let mut tx = house.store.begin().await.unwrap();
    for statement in statements {
        if sqlx::query(sqlx::AssertSqlSafe((*statement).to_owned())).execute(&mut *tx).await.is_err() {
            return false;
        }
    }
    tx.commit().await.unwrap();
    true
}

/// Takes the triggers away that refuse changes: whoever may change the schema may do that.
async fn without_triggers(house: &House) {
    let end = match house.store.flavour() {
        Flavour::Sqlite => "",
        Flavour::Postgres => " ON audit",
    };
    for name in ["audit_refuses_updates", "audit_refuses_deletes"] {
        assert!(by_hand(house, &[&format!("DROP TRIGGER {name}{end}")]).await);
    }
}
