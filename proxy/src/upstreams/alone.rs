//! Connections that are no call's but one conversation's, from first to last: never pooled, and in
//! HTTP/1.1, which is what a WebSocket begins with (RFC 6455 §1.3).

use pingora_core::{
    protocols::{ALPN, http::v1::client::HttpSession},
    upstreams::peer::HttpPeer,
};

use super::{Address, Pool};

impl Pool {
    /// A session on a connection of its own. Its stream is not buffered: both directions of what
    /// follows may be read and written at once.
    ///
    /// # Errors
    /// No connection can be made.
    pub(crate) async fn alone(&self, address: &Address) -> pingora_error::Result<HttpSession> {
        let mut peer = HttpPeer::clone(&address.peer);
        peer.options.alpn = ALPN::H1;
        let stream = self.h1.new_stream(&Address::new(peer)).await?;
        Ok(HttpSession::new_with_options(stream, address))
    }
}
