//! Whether the gateway's machine is still there, on connections of HTTP/1.1, which have no ping: asked by the
//! kernel (RFC 9293 §3.8.4), so that nothing wakes up here. HTTP/2 has `pulse`.

use std::{io, time::Duration};

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

/// Silence for this long is asked about, so often, so many times.
const SILENCE: Duration = Duration::from_secs(15);
const INTERVAL: Duration = Duration::from_secs(5);
const TIMES: u32 = 2;
/// How long the gateway may leave a call's bytes unread, or its machine say nothing to them: without a limit
/// Linux sends again for a quarter of an hour.
pub(super) const UNREAD: Duration = Duration::from_secs(30);

/// Has the kernel give a connection up when its other end is gone, or, where there is a limit, when bytes lie
/// unread for so long. Other systems than Linux have limits of their own.
pub(super) fn over(stream: &TcpStream, unread: Option<Duration>) -> io::Result<()> {
    let socket = SockRef::from(stream);
    let keepalive = TcpKeepalive::new()
        .with_time(SILENCE)
        .with_interval(INTERVAL)
        .with_retries(TIMES);
    socket.set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(unread)?;
    #[cfg(not(target_os = "linux"))]
    let _elsewhere = unread;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_kernel_watches() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        over(&stream, Some(UNREAD)).unwrap();
        let socket = SockRef::from(&stream);
        assert!(socket.keepalive().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap(), SILENCE);
        assert_eq!(socket.tcp_keepalive_interval().unwrap(), INTERVAL);
        assert_eq!(socket.tcp_keepalive_retries().unwrap(), TIMES);
        #[cfg(target_os = "linux")]
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(UNREAD));
    }
}
