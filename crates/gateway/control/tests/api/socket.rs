//! Over a real socket: what the in-process tests leave out.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::harness::Api;

async fn exchange(to: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_listener_serves_its_own_address_and_counts_by_peer() {
    let api = Api::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = api
        .router()
        .into_make_service_with_connect_info::<SocketAddr>();
    let server = tokio::spawn(async move { axum::serve(listener, service).await });

    let get =
        |host: &str| format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    let answer = exchange(address, &get(&address.to_string())).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("{\"status\":\"alive\"}")
    );
    let rebound = exchange(address, &get("evil.example")).await;
    assert!(rebound.starts_with("HTTP/1.1 421 "), "{rebound}");

    let body = r#"{"email":"nobody@example.com","password":"wrong password!"}"#;
    let sign_in = format!(
        "POST /api/v1/sessions HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    assert!(
        exchange(address, &sign_in)
            .await
            .starts_with("HTTP/1.1 401 ")
    );
    let entry = api.get("/audit?limit=1").await["items"][0].clone();
    assert_eq!(entry["action"], "session.refuse");
    assert_eq!(entry["detail"]["address"], "127.0.0.1");
    server.abort();
}
