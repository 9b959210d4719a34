//! What the scripted clients run, and the files that some need. Each is told name and port, connects to
//! 127.0.0.1, and ends with 0 where it verified, 60 where it refused, 69 where a library is missing.

use std::{fs, io, os::unix::fs::DirBuilderExt, path::PathBuf};

/// The hosts file for clients that take no address.
pub(crate) const HOSTS: &str = "hosts";
/// Java runs a file of source by its name.
pub(crate) const JAVA_FILE: &str = "Probe.java";

pub(crate) const PYTHON: &str = r#"
import socket, ssl, sys
host, port = sys.argv[1], int(sys.argv[2])
try:
    raw = socket.create_connection(("127.0.0.1", port), 10)
    with ssl.create_default_context().wrap_socket(raw, server_hostname=host) as tls:
        tls.sendall(b"GET / HTTP/1.1\r\nhost: doctor\r\n\r\n")
        tls.recv(1)
except ssl.SSLCertVerificationError as error:
    print(error, file=sys.stderr)
    sys.exit(60)
"#;

/// Names are answered without asking anybody; proxies are not asked either.
pub(crate) const REQUESTS: &str = r#"
import socket, sys
try:
    import requests
except ImportError:
    sys.exit(69)
host, port = sys.argv[1], int(sys.argv[2])
ask = socket.getaddrinfo
socket.getaddrinfo = lambda name, *rest, **more: ask("127.0.0.1", *rest, **more)
try:
    requests.get(f"https://{host}:{port}/", timeout=10)
except (requests.exceptions.SSLError, OSError) as error:
    print(error, file=sys.stderr)
    sys.exit(60 if "CERTIFICATE_VERIFY_FAILED" in str(error) or "TLS CA certificate bundle" in str(error) else 1)
"#;

pub(crate) const HTTPX: &str = r#"
import socket, sys
try:
    import httpx
except ImportError:
    sys.exit(69)
host, port = sys.argv[1], int(sys.argv[2])
ask = socket.getaddrinfo
socket.getaddrinfo = lambda name, *rest, **more: ask("127.0.0.1", *rest, **more)
try:
    httpx.get(f"https://{host}:{port}/", timeout=10)
except (httpx.HTTPError, OSError) as error:
    print(error, file=sys.stderr)
    sys.exit(60 if "CERTIFICATE_VERIFY_FAILED" in str(error) else 1)
"#;

/// Node judges after the handshake, and tells by an error with a code (tls module, "X509 certificate error
/// codes").
pub(crate) const NODE: &str = r#"
const [host, port] = process.argv.slice(1);
const socket = require("tls").connect({ host: "127.0.0.1", port: Number(port), servername: host, rejectUnauthorized: true });
socket.setTimeout(10000, () => { console.error("no answer"); process.exit(1); });
socket.on("secureConnect", () => socket.end("GET / HTTP/1.1\r\nhost: doctor\r\n\r\n", () => process.exit(0)));
socket.on("error", (error) => {
  console.error(`${error.code}: ${error.message}`);
  const refused = /CERT|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE/.test(String(error.code));
  process.exit(refused ? 60 : 1);
});
"#;

const JAVA: &str = r#"
import java.net.Socket;
import javax.net.ssl.*;

public class Probe {
    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[1]);
        SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
        Socket raw = new Socket("127.0.0.1", port);
        raw.setSoTimeout(10000);
        try (SSLSocket tls = (SSLSocket) factory.createSocket(raw, arguments[0], port, true)) {
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            tls.getOutputStream().write("GET / HTTP/1.1\r\nhost: doctor\r\n\r\n".getBytes());
            tls.getInputStream().read();
        } catch (SSLHandshakeException refused) {
            System.err.println(refused.getMessage());
            System.exit(60);
        }
    }
}
"#;

/// A folder of this process and its user alone; gone when dropped.
#[derive(Debug)]
pub(crate) struct Files(pub(crate) PathBuf);

impl Files {
    /// Writes what clients need for a name.
    pub(crate) fn for_host(host: &str) -> io::Result<Self> {
        let name = format!("tidegate-doctor-{:016x}", fastrand::u64(..));
        let folder = std::env::temp_dir().join(name);
        // Fails where something is there already: nobody can put a folder of theirs in our way.
        fs::DirBuilder::new().mode(0o700).create(&folder)?;
        let files = Self(folder);
        let hosts = format!("127.0.0.1 localhost\n127.0.0.1 {host}\n");
        fs::write(files.0.join(HOSTS), hosts)?;
        fs::write(files.0.join(JAVA_FILE), JAVA)?;
        Ok(files)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::debug!(%error, "a folder of the doctor's stays");
        }
    }
}
