//! Claiming: how long a worker takes to lease a destination that has something due, and to read what that is, where a
//! million deliveries wait at a thousand destinations.

use super::{Instant, row};
use app::model::moment::SECOND;
use aviary::{
    house::{Clock as _, SystemClock},
    store::{
        Store,
        alerts::{
            leases::{self, Lane},
            queue,
        },
    },
};

/// How many destinations there are, and how many deliveries wait at each.
const DESTINATIONS: i64 = 1_000;
const EACH: i64 = 1_000;
/// How many destinations are claimed. Each is leased for longer than that takes, as by workers of many replicas.
const CLAIMS: usize = 500;
/// How many of the first claims fill caches.
const FIRST: usize = 20;
const LEASE: i64 = 90 * SECOND;
/// How many deliveries a worker reads at once.
const PORTION: usize = 32;

/// Writes destinations, alerts, and a delivery of each alert to each destination.
async fn seed(store: &Store) {
    let numbers = |below: i64| {
        format!("WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {}) ", below - 1)
    };
    let both = format!(
        "WITH RECURSIVE d (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM d WHERE i < {}), \
         a (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM a WHERE i < {}) ",
        DESTINATIONS - 1,
        EACH - 1
    );
    let statements = [
        numbers(DESTINATIONS)
            + "INSERT INTO destinations (id, kind, name, address, owner_id, created_by, created_at, state) \
               SELECT 'd-' || i, 'webhook', 'bench', 'https://hooks.example.com/', 'bench', 'bench', 1, 'confirmed' FROM n",
        numbers(EACH)
            + "INSERT INTO alerts (id, kind, summary, payload, created_at) \
               SELECT 'a-' || i, 'hit', 'A key was used', '{\"type\":\"hit\",\"data\":{}}', i FROM n",
        both + "INSERT INTO deliveries (id, alert_id, destination_id, state, created_at, next_attempt_at) \
                SELECT 'w-' || d.i || '-' || a.i, 'a-' || a.i, 'd-' || d.i, 'waiting', a.i, a.i FROM d CROSS JOIN a",
    ];
    for statement in statements {
        let mut tx = store.begin().await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }
    store.analyze().await.unwrap();
}

/// Measures on an empty database.
pub async fn measure(database: &str, what: &str) {
    let store = Store::open(database).await.unwrap();
    seed(&store).await;
    let mut times = Vec::new();
    for round in 0..CLAIMS + FIRST {
        let now = SystemClock.now();
        let times_of_lease = (now, now.plus(LEASE));
        let begun = Instant::now();
        let wanted = leases::wanted(&mut store.read().await.unwrap(), Lane::Sound, now, &[]).await.unwrap();
        let mut tx = store.begin_light().await.unwrap();
        let leased = leases::lease(&mut tx, store.flavour(), Lane::Sound, times_of_lease, &[], 1).await.unwrap();
        tx.commit().await.unwrap();
        let due = queue::due(&mut store.read().await.unwrap(), &leased[0].destination.id, PORTION).await.unwrap();
        let took = begun.elapsed();
        assert!(wanted && leased.len() == 1 && due.len() == PORTION);
        if round >= FIRST {
            times.push(took);
        }
    }
    store.close().await;
    let rows = DESTINATIONS * EACH;
    row(&format!("claim of a destination and what is due there, {rows} deliveries, {what}"), &mut times, 10.0, 10.0);
}
