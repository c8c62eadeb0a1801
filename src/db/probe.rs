//! Who listens there: asked when a server was not what its URL says.

use super::error::Error;
use super::target::{Host, Wire};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// PostgreSQL waits for the client's first words and MySQL speaks first, so silence tells them apart.
const PATIENCE: Duration = Duration::from_millis(400);
/// PostgreSQL's request for TLS, which every server of it answers by one byte.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// The protocol that is spoken there, if it is one that we know.
pub async fn listens(host: &Host) -> Option<Wire> {
    if host.is_socket() {
        return None;
    }
    let name = host.address.map_or_else(|| host.name.clone(), |a| a.to_string());
    tokio::time::timeout(PATIENCE * 2, async {
        let mut stream = TcpStream::connect((name.as_str(), host.port)).await.ok()?;
        let mut first = [0u8; 5];
        match tokio::time::timeout(PATIENCE, stream.read_exact(&mut first)).await {
            // A packet's length, its number 0, then the protocol's version 10; or 255 for "too many connections".
            Ok(Ok(_)) => matches!(first, [_, _, 0, 0, 10 | 255]).then_some(Wire::Mysql),
            Ok(Err(_)) => None,
            Err(_) => {
                stream.write_all(&SSL_REQUEST).await.ok()?;
                let mut answer = [0u8; 1];
                stream.read_exact(&mut answer).await.ok()?;
                matches!(answer, [b'S' | b'N' | b'E']).then_some(Wire::Postgresql)
            }
        }
    })
    .await
    .ok()
    .flatten()
}

pub fn told(host: &Host, wire: Wire) -> Error {
    Error::OtherServer { at: host.to_string(), wire }
}
