#![allow(clippy::unwrap_used, clippy::print_stdout)]
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let url = std::env::args().nth(1).unwrap();
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    let version = connection.parameter("server_version").unwrap().parse().unwrap();
    tokio::spawn(connection);
    let start = std::time::Instant::now();
    let catalog = sidestep::db::postgres::inspect(&client, version).await.unwrap();
    eprintln!("{:?} gaps {:?}", start.elapsed(), catalog.gaps);
    let mut c = catalog;
    c.volatilities = Default::default();
    println!("{}", serde_json::to_string_pretty(&c).unwrap());
}
