//! The inspector against real servers.

use sidestep::model::Catalog;

/// What the inspector says of a database without a password on loopback.
pub fn inspect(url: &str) -> Catalog {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        let version = connection.parameter("server_version").unwrap().parse().unwrap();
        tokio::spawn(connection);
        sidestep::db::postgres::inspect(&client, version).await.unwrap()
    })
}
