//! A gateway that says what the test says: each request is handed over and waits for its answer.

use anyhow::{Context, ensure};
use serde_json::Value;
use tidegate_device_api::{CHECK_IN, CheckInRequest};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// A request, and the connection that waits for its answer.
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) key: String,
    pub(crate) body: Vec<u8>,
    stream: BufReader<TcpStream>,
}

impl Asked {
    pub(crate) fn check_in(&self) -> anyhow::Result<CheckInRequest> {
        ensure!(self.path == CHECK_IN, "{}", self.path);
        Ok(serde_json::from_slice(&self.body)?)
    }

    pub(crate) async fn answer(mut self, status: u16, body: &Value) -> anyhow::Result<()> {
        let text = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let head = format!(
            "HTTP/1.1 {status} Said\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            text.len()
        );
        self.stream.write_all(head.as_bytes()).await?;
        self.stream.write_all(text.as_bytes()).await?;
        Ok(self.stream.shutdown().await?)
    }

    /// Waits until who asked has hung up.
    pub(crate) async fn given_up(mut self) -> anyhow::Result<()> {
        let mut rest = Vec::new();
        // A reset is as good as an end.
        let _end = self.stream.read_to_end(&mut rest).await;
        ensure!(rest.is_empty(), "more was said");
        Ok(())
    }
}

pub(crate) struct Gateway {
    pub(crate) url: String,
    asked: mpsc::Receiver<Asked>,
}

impl Gateway {
    pub(crate) async fn open() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (sender, asked) = mpsc::channel(8);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sender = sender.clone();
                tokio::spawn(async move {
                    if let Ok(asked) = read(stream).await {
                        drop(sender.send(asked).await);
                    }
                });
            }
        });
        Ok(Self { url, asked })
    }

    pub(crate) async fn next(&mut self) -> anyhow::Result<Asked> {
        let next = tokio::time::timeout(crate::HANGS, self.asked.recv());
        next.await?.context("the gateway is gone")
    }

    /// Whether somebody asked meanwhile.
    pub(crate) fn is_quiet(&mut self) -> bool {
        self.asked.try_recv().is_err()
    }
}

async fn read(stream: TcpStream) -> anyhow::Result<Asked> {
    let mut stream = BufReader::new(stream);
    let (mut path, mut key, mut length) = (String::new(), String::new(), 0);
    let mut line = String::new();
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let text = line.trim_end();
        if let Some(rest) = text.strip_prefix("POST ") {
            rest.split(' ')
                .next()
                .unwrap_or_default()
                .clone_into(&mut path);
        } else if let Some((name, value)) = text.split_once(": ") {
            match &*name.to_ascii_lowercase() {
                "authorization" => value.clone_into(&mut key),
                "content-length" => length = value.parse()?,
                _ => {}
            }
        } else {
            ensure!(text.is_empty(), "{text}");
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Asked {
        path,
        key,
        body,
        stream,
    })
}
