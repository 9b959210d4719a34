//! What goes wrong: a proxy between devices and gateway that loses, cuts and fakes answers, and copies of
//! devices that use their keys.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::{admin::Enrolled, device::Common};
use crate::connection::Connection;

/// Of a hundred answers, so many are swallowed, cut in the middle, and replaced by a 500.
const SWALLOWED: u32 = 1;
const CUT: u32 = 1;
const FAILED: u32 = 2;

const FAILURE: &[u8] =
    b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// Starts the proxy; its address. It behaves while `quiet` is set.
pub(super) async fn proxy(gateway: SocketAddr, quiet: Arc<AtomicBool>) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        let mut seed = 1;
        while let Ok((client, _)) = listener.accept().await {
            seed += 1;
            let quiet = Arc::clone(&quiet);
            let random = fastrand::Rng::with_seed(seed);
            // A connection that breaks is what this is about.
            tokio::spawn(async move { drop(pass(client, gateway, random, quiet).await) });
        }
    });
    Ok(address)
}

async fn pass(
    mut client: TcpStream,
    gateway: SocketAddr,
    mut random: fastrand::Rng,
    quiet: Arc<AtomicBool>,
) -> Result<()> {
    let mut server = TcpStream::connect(gateway).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut up, mut down) = (vec![0; 16 << 10], vec![0; 16 << 10]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => match read? {
                0 => return Ok(()),
                read => server.write_all(&up[..read]).await?,
            },
            read = server.read(&mut down) => {
                let read = read?;
                if read == 0 {
                    return Ok(());
                }
                let chance = if quiet.load(Ordering::Relaxed) { 100 } else { random.u32(..100) };
                if chance < SWALLOWED {
                    return Ok(());
                }
                if chance < SWALLOWED + CUT {
                    return Ok(client.write_all(&down[..read / 2]).await?);
                }
                if chance < SWALLOWED + CUT + FAILED {
                    return Ok(client.write_all(FAILURE).await?);
                }
                client.write_all(&down[..read]).await?;
            }
        }
    }
}

/// Checks in as a copy of a device would, past the proxy: on another machine, or on one that was cloned
/// with its memory of the first numbers. All of it is to be refused.
pub(super) async fn copies(common: &Common, gateway: SocketAddr, victims: &[Enrolled]) {
    for (number, victim) in victims.iter().enumerate() {
        let elsewhere = number % 2 == 0;
        let machine = if elsewhere { "copied" } else { &victim.machine };
        for seq in 1..4_u64 {
            // A number beyond all others from another machine, or one that was used before.
            let seq = if elsewhere { 1 << 40 | seq } else { seq };
            let body = json!({
                "revision": 0, "agent_version": "copy", "effective": true, "seq": seq,
                "machine_id_hash": machine,
            })
            .to_string();
            let mut connection = Connection::new(gateway);
            let call = connection.call("POST", "/device/v1/check-in", &victim.key, body.as_bytes());
            let status = match call.await {
                Ok(answer) => answer.status,
                Err(_) => continue,
            };
            common.tally.count(|counts| match status {
                409 => counts.copies_refused += 1,
                200 => counts.copies_served += 1,
                _ => {}
            });
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
