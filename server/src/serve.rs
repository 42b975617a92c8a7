//! Building the house, and running it.

use crate::{
    accounts, alerts, audit,
    config::Config,
    drills,
    geo::Atlas,
    house::{Chance, Clerks, Clock, House, Ids},
    http::{self, listen::Limits},
    intake::{self, ears::Ears},
    issuers::{Issuers, aws::AwsClients, sandbox::Sandbox},
    mail::Mailer,
    net, people,
    people::providers::directory::Directory,
    seal::{self, keys::Ground},
    serving,
    steps::Steps,
    store::Store,
    sweep, tokens,
};
use secrecy::ExposeSecret as _;
use std::{net::SocketAddr, sync::Arc};
use tokio::{net::TcpListener, sync::watch};

/// Why the house could not be built or run. The text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A folder, file or port is not to be had.
    #[error("{0}: {1}")]
    Io(String, std::io::Error),
    /// There is no sealing key.
    #[error("{0}")]
    Seal(#[from] crate::seal::SealError),
    /// The database cannot be used.
    #[error("{0}")]
    Store(#[from] crate::store::StoreError),
    /// Something else.
    #[error("{0}")]
    Other(String),
}

impl From<app::model::fault::Fault> for ServeError {
    fn from(fault: app::model::fault::Fault) -> Self {
        Self::Other(fault.to_string())
    }
}

/// Builds the house: opens the database and brings its schema up to date, finds or makes the sealing key.
///
/// # Errors
/// What is missing or not acceptable, by name.
pub async fn build(config: Config, clock: Arc<dyn Clock>, chance: Arc<dyn Chance>) -> Result<Arc<House>, ServeError> {
    build_with(config, clock, chance, AwsClients::default()).await
}

/// Builds the house with this way to AWS.
///
/// # Errors
/// As [`build`].
pub async fn build_with(
    config: Config,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    aws: AwsClients,
) -> Result<Arc<House>, ServeError> {
    build_near(config, clock, chance, aws, Ears::default()).await
}

/// As [`build_with`], with other ears: those of a test. No variable and no file leads here, so that no mistake in a
/// configuration can make Aviary trust somebody else than AWS.
///
/// # Errors
/// As [`build`].
pub async fn build_near(
    config: Config,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    aws: AwsClients,
    ears: Ears,
) -> Result<Arc<House>, ServeError> {
    std::fs::create_dir_all(&config.data_dir).map_err(|error| {
        let value = config.data_dir.display();
        ServeError::Io(format!("AVIARY_DATA_DIR is `{value}`: expected a folder that can be made"), error)
    })?;
    let store = Store::open(config.database.expose_secret())
        .await
        .map_err(|error| ServeError::Other(format!("AVIARY_DATABASE: expected a database that answers ({error})")))?;
    let ground = Ground { config: &config, store: &store, aws: &aws, clock: &*clock, chance: &*chance };
    let sealer = seal::keys::read(ground).await?.sealer()?;
    let sandbox = Sandbox::open(&store, &sealer, &clock, &chance, &aws, config.sandbox_listen).await?;
    let (clerks, inboxes) = Clerks::new();
    let now = clock.now();
    let mailer = Mailer::new(&config, &aws, &clock, &chance).map_err(|error| ServeError::Other(error.to_string()))?;
    let house = House {
        issuers: Issuers::new(Some(Arc::new(sandbox)), config.sandbox_listen.is_some()),
        aws,
        net: net::Client::new(config.allow_private_webhooks.clone()),
        providers: Directory::new(config.allow_private_providers.clone()),
        mailer,
        bell: store.bell().clone(),
        store,
        clock,
        chance,
        sealer,
        ears,
        atlas: Atlas::open(&config.geoip, now).map_err(|error| ServeError::Other(format!("AVIARY_GEOIP: {error}")))?,
        ids: Ids::default(),
        limits: people::limits::Limits::default(),
        clerks,
        letters: people::letters::Letters::default(),
        refusals: audit::Refusals::default(),
        steps: Steps::from_environment(),
        config,
    };
    audit::begin(&house).await?;
    accounts::load(&house).await?;
    alerts::seal_addresses(&house).await?;
    let house = Arc::new(house);
    inboxes.begin(&house);
    Ok(house)
}

/// The ports that a running house listens on.
#[derive(Debug)]
pub struct Listeners {
    /// The console's and the API's.
    pub console: TcpListener,
    /// The sandbox's, if it is on.
    pub sandbox: Option<TcpListener>,
    /// What each of them bears.
    pub limits: Limits,
}

impl Listeners {
    /// Opens the ports that the configuration names.
    ///
    /// # Errors
    /// Where one is taken or not ours to open.
    pub async fn open(config: &Config) -> Result<Self, ServeError> {
        let open = async |address: SocketAddr, variable: &str| {
            TcpListener::bind(address)
                .await
                .map_err(|error| ServeError::Io(format!("{variable}: cannot listen on {address}"), error))
        };
        Ok(Self {
            console: open(config.listen, "AVIARY_LISTEN").await?,
            sandbox: match config.sandbox_listen {
                Some(address) => Some(open(address, "AVIARY_SANDBOX_LISTEN").await?),
                None => None,
            },
            limits: Limits {
                connections: config.connections,
                per_address: config.connections_per_address,
                ..Limits::default()
            },
        })
    }
}

/// Runs the house until `stop` becomes true: the console, the sandbox, the delivery worker, the digests, the sweep.
///
/// # Errors
/// Where the database refuses.
pub async fn run(house: Arc<House>, listeners: Listeners, stop: watch::Receiver<bool>) -> Result<(), ServeError> {
    house.store.analyze().await?;
    // Before anything is answered: whoever exchanges the sealing key has to know of us.
    let row = serving::begin(&house).await?;
    let workers = [
        tokio::spawn(serving::run(Arc::clone(&house), row, stopped(stop.clone()))),
        tokio::spawn(recover(Arc::clone(&house))),
        tokio::spawn(alerts::worker::run(Arc::clone(&house), stopped(stop.clone()))),
        tokio::spawn(alerts::digest::run(Arc::clone(&house), stopped(stop.clone()))),
        tokio::spawn(sweep::run(Arc::clone(&house), stopped(stop.clone()))),
        tokio::spawn(accounts::run(Arc::clone(&house), stopped(stop.clone()))),
        tokio::spawn(drills::run(Arc::clone(&house), stopped(stop.clone()))),
        tokio::spawn(intake::queues::run(Arc::clone(&house), stopped(stop.clone()))),
        tokio::spawn(intake::last_used::run(Arc::clone(&house), stopped(stop.clone()))),
        tokio::spawn(people::providers::refresh::run(Arc::clone(&house), stopped(stop.clone()))),
    ];
    let Listeners { console, sandbox, limits } = listeners;
    let console = http::listen::serve(console, http::router(Arc::clone(&house), stop.clone()), limits, stop.clone());
    let sandbox = async {
        if let Some(listener) = sandbox {
            http::listen::serve(listener, http::sandbox::router(Arc::clone(&house)), limits, stop.clone()).await;
        }
    };
    tokio::join!(console, sandbox);
    for worker in workers {
        if let Err(error) = worker.await {
            tracing::error!(%error, "a worker was cut off");
        }
    }
    house.letters.settle().await;
    house.store.close().await;
    Ok(())
}

/// Undoes what the last process left half-made. Beside the serving: AWS may be away.
async fn recover(house: Arc<House>) {
    match tokens::mint::recover_at_start(&house).await {
        Ok(0) => {}
        Ok(undone) => tracing::warn!(undone, "mints that were cut off were undone"),
        Err(fault) => tracing::error!(%fault, "mints that were cut off could not be undone; the sweep tries again"),
    }
}

/// Ends when `stop` becomes true, or when nobody is left who could say so.
pub async fn stopped(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
