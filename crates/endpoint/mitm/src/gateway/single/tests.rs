//! Calls on a connection that is bytes: what is written of them, what is read, and what becomes of the connection.

mod bodies;
mod peer;
mod twin;
mod wire;

use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt;
use http::{Request, StatusCode};
use http_body_util::Full;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    sync::Semaphore,
};

use self::{
    bodies::{Script, Step},
    peer::{Read, read},
    wire::{Tap, Taps},
};
use super::*;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn single<B>(wire: impl crate::upgrade::Duplex + 'static) -> Single<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let room = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
    Single::open(Box::new(wire), room)
}

fn post(body: &str) -> Request<Full<Bytes>> {
    Request::post("http://gateway.example/x")
        .header("content-length", body.len())
        .body(Full::from(body.to_owned()))
        .unwrap()
}

fn scripted(steps: Vec<Step>, length: u64) -> Request<Script> {
    let request = Request::post("http://gateway.example/x").header("content-length", length);
    request.body(Script::new(steps, length)).unwrap()
}

fn fault<B>(result: Result<(Response<Decoder>, Single<B>), Failed<B>>) -> Fault {
    match result {
        Err(Failed::Broken(Broken::Single(fault))) => fault,
        Err(Failed::Broken(other)) => panic!("{other}"),
        Err(Failed::Unsent(_)) => panic!("it was not sent"),
        Ok(_) => panic!("it was answered"),
    }
}

/// Calls, and reads the answer to its end.
async fn called(single: Single<Full<Bytes>>, body: &str) -> (Read, Single<Full<Bytes>>) {
    match single.call(post(body)).await {
        Ok(answer) => read(answer).await,
        Err(Failed::Broken(broken)) => panic!("{broken}"),
        Err(Failed::Unsent(_)) => panic!("it was not sent"),
    }
}

/// What comes until the other side closes.
async fn to_the_end(mut far: DuplexStream) -> String {
    let mut got = String::new();
    far.read_to_string(&mut got).await.unwrap();
    got
}

#[tokio::test]
async fn a_connection_carries_one_call_after_another() {
    let (near, mut far) = duplex(4096);
    let mut one = single(near);
    for n in 0..3 {
        far.write_all(b"").await.unwrap();
        assert!(one.is_idle());
        let answers = async {
            let mut got = [0; 256];
            let length = far.read(&mut got).await.unwrap();
            far.write_all(OK).await.unwrap();
            String::from_utf8(got[..length].into()).unwrap()
        };
        let body = format!("body {n}");
        let ((answer, back), got) = tokio::join!(called(one, &body), answers);
        assert_eq!(answer.body.unwrap(), "ok");
        assert!(
            got.starts_with("POST /x HTTP/1.1\r\nhost: gateway.example\r\n"),
            "{got}"
        );
        assert!(
            got.ends_with(&format!("\r\ncontent-length: 6\r\n\r\n{body}")),
            "{got}"
        );
        one = back;
    }
}

#[tokio::test]
async fn head_and_first_piece_leave_in_one_write() {
    let (near, mut far) = duplex(4096);
    let (tap, taps) = Tap::new(near);
    far.write_all(b"").await.unwrap();
    let mut one = single(tap);
    assert!(one.is_idle());
    let answers = async {
        let mut got = vec![0; 4096];
        let _length = far.read(&mut got).await.unwrap();
        far.write_all(OK).await.unwrap();
    };
    let ((answer, _one), ()) = tokio::join!(called(one, "the body"), answers);
    assert_eq!(answer.body.unwrap(), "ok");
    let writes = taps.writes();
    assert_eq!(writes.len(), 1, "{writes:?}");
    assert!(writes[0].ends_with(b"\r\n\r\nthe body"));
}

#[tokio::test]
async fn what_the_connection_takes_by_bytes_arrives_whole() {
    for most in [1, 7, 100] {
        let (near, mut far) = duplex(4096);
        let (tap, taps) = Tap::new(near);
        taps.take_at_most(most);
        let answers = async {
            let mut got = Vec::new();
            while !got.ends_with(b"0123456789") {
                far.read_buf(&mut got).await.unwrap();
            }
            far.write_all(OK).await.unwrap();
            String::from_utf8(got).unwrap()
        };
        let ((answer, mut one), got) = tokio::join!(called(single(tap), "0123456789"), answers);
        assert_eq!(answer.body.unwrap(), "ok");
        let expected =
            "POST /x HTTP/1.1\r\nhost: gateway.example\r\ncontent-length: 10\r\n\r\n0123456789";
        assert_eq!(got, expected);
        assert!(one.is_idle());
    }
}

/// A gateway that does not read holds the app up: no piece is asked for before the one before has left.
#[tokio::test]
async fn one_piece_is_held_and_no_more() {
    let (near, far) = duplex(4096);
    let (tap, taps) = Tap::new(near);
    taps.take_at_most(0);
    let request = scripted(
        vec![Step::Piece("abc"), Step::Piece("def"), Step::Piece("ghi")],
        9,
    );
    let asked = request.body().asked.clone();
    let mut call = pin!(single(tap).call(request));
    assert!((&mut call).now_or_never().is_none());
    assert_eq!(*asked.lock().unwrap(), 1);
    taps.take_at_most(4096);
    assert!((&mut call).now_or_never().is_none());
    assert_eq!(*asked.lock().unwrap(), 3);
    drop(far);
}

#[tokio::test]
async fn a_body_that_is_not_as_it_says_is_never_whole() {
    const SAYS: u64 = 4;
    for (steps, expected) in [
        (vec![Step::Piece("abc")], "shorter"),
        (vec![], "shorter"),
        (vec![Step::Piece("abcde")], "longer"),
        (vec![Step::Piece("abcd"), Step::Piece("e")], "longer"),
        (
            vec![Step::Piece("ab"), Step::Later, Step::Piece("cde")],
            "longer",
        ),
        (
            vec![Step::Piece("ab"), Step::Later, Step::Broken],
            "broke off",
        ),
    ] {
        let shown = format!("{steps:?}");
        let (near, far) = duplex(4096);
        let result = single(near).call(scripted(steps, SAYS)).await;
        let fault = fault(result).to_string();
        assert!(fault.contains(expected), "{shown}: {fault}");
        let got = to_the_end(far).await;
        let body = got.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        assert!((body.len() as u64) < SAYS, "{shown}: {got}");
    }
}

/// It goes on another connection, so it has to be as it was.
#[tokio::test]
async fn a_call_that_was_not_sent_is_back_as_it_came() {
    let (closed, _) = duplex(64);
    let (stray, mut far) = duplex(64);
    far.write_all(b"H").await.unwrap();
    for wire in [closed, stray] {
        let (tap, taps) = Tap::new(wire);
        let request = Request::post("http://gateway.example/x?y")
            .version(http::Version::HTTP_2)
            .header("cookie", "a=1")
            .header("cookie", "b=2")
            .body(Full::from("body"))
            .unwrap();
        let (uri, headers) = (request.uri().clone(), request.headers().clone());
        let Err(Failed::Unsent(back)) = single(tap).call(request).await else {
            panic!("it was sent");
        };
        assert_eq!((back.uri(), back.headers()), (&uri, &headers));
        assert_eq!(back.version(), http::Version::HTTP_2);
        assert_eq!(back.body().size_hint().exact(), Some(4));
        assert!(taps.writes().is_empty());
    }
}

#[tokio::test]
async fn what_was_written_is_not_sent_again() {
    for (answer, expected) in [
        (&b""[..], "closed the connection before"),
        (b"HTTP/1.1 200", "closed the connection before"),
        (
            b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "another protocol",
        ),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "does not begin"),
    ] {
        let (near, mut far) = duplex(4096);
        let call = tokio::spawn(single(near).call(post("body")));
        let _length = far.read(&mut [0; 256]).await.unwrap();
        far.write_all(answer).await.unwrap();
        drop(far);
        let fault = fault(call.await.unwrap()).to_string();
        assert!(fault.contains(expected), "{fault}");
    }
}

/// A gateway that has read enough says so, and reads no more.
#[tokio::test]
async fn an_answer_arrives_where_the_call_cannot_be_written() {
    let (near, mut far) = duplex(4096);
    let (tap, taps) = Tap::new(near);
    let request = scripted(vec![Step::Piece("abc"), Step::Wait, Step::Piece("def")], 6);
    let gate = request.body().gate.clone();
    let call = tokio::spawn(single(tap).call(request));
    let _length = far.read(&mut [0; 256]).await.unwrap();
    taps.break_writes();
    gate.notify_one();
    far.write_all(OK).await.unwrap();
    let answer = call.await.unwrap();
    let (answer, mut one) = read(answer.ok().unwrap()).await;
    assert_eq!(
        (answer.status, answer.body.unwrap().as_str()),
        (StatusCode::OK, "ok")
    );
    assert!(one.0.sending.is_done(), "it was given up");
    assert!(!one.is_idle());

    // And where there is none, why it could not be written is the reason.
    let (near, _far) = duplex(4096);
    let (tap, taps) = Tap::new(near);
    taps.break_writes();
    let fault = fault(single(tap).call(post("body")).await);
    assert!(matches!(fault, Fault::Write(_)), "{fault}");
}

/// An answer may come before the call is over; both go on.
#[tokio::test]
async fn the_rest_of_a_call_is_sent_while_its_answer_comes() {
    let (near, mut far) = duplex(4096);
    let request = scripted(vec![Step::Piece("abc"), Step::Wait, Step::Piece("def")], 6);
    let gate = request.body().gate.clone();
    let call = tokio::spawn(single(near).call(request));
    let _length = far.read(&mut [0; 256]).await.unwrap();
    far.write_all(&OK[..OK.len() - 1]).await.unwrap();
    let (answer, one) = call.await.unwrap().ok().unwrap();
    let answer = tokio::spawn(read((answer, one)));
    gate.notify_one();
    let mut rest = [0; 3];
    far.read_exact(&mut rest).await.unwrap();
    assert_eq!(&rest, b"def");
    far.write_all(b"k").await.unwrap();
    let (answer, mut one) = answer.await.unwrap();
    assert_eq!(answer.body.unwrap(), "ok");
    assert!(one.is_idle());
}

/// What follows would be taken for the rest of the call.
#[tokio::test]
async fn a_connection_with_half_a_call_on_it_is_not_used_again() {
    for (cookie, taken) in [(1, 20), (100_000, 20_000), (100_000, 0), (1, usize::MAX)] {
        let (near, mut far) = duplex(200_000);
        let (tap, taps) = Tap::new(near);
        taps.take_in_all(taken);
        let request = Request::get("http://gateway.example/")
            .header("cookie", "c".repeat(cookie))
            .body(Full::from(""))
            .unwrap();
        let call = tokio::spawn(single(tap).call(request));
        if taken > 0 {
            let _length = far.read(&mut [0; 256]).await.unwrap();
        }
        tokio::task::yield_now().await;
        far.write_all(OK).await.unwrap();
        let (answer, mut one) = read(call.await.unwrap().ok().unwrap()).await;
        assert_eq!(answer.body.unwrap(), "ok");
        assert_eq!(one.is_idle(), taken == usize::MAX, "{cookie} {taken}");
    }
}

#[tokio::test]
async fn a_connection_is_used_again_only_where_both_sides_are_over() {
    for (answer, again) in [
        (&b"HTTP/1.1 204 No Content\r\n\r\n"[..], true),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            true,
        ),
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
            true,
        ),
        (b"HTTP/1.1 204 No Content\r\n\r\nH", false),
        (
            b"HTTP/1.1 204 No Content\r\nconnection: x, Close\r\n\r\n",
            false,
        ),
        (b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", false),
        (
            b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nok",
            false,
        ),
    ] {
        let (near, mut far) = duplex(4096);
        far.write_all(b"").await.unwrap();
        let call = tokio::spawn(called(single(near), "body"));
        let _length = far.read(&mut [0; 256]).await.unwrap();
        far.write_all(answer).await.unwrap();
        let (got, mut one) = call.await.unwrap();
        assert!(got.body.is_ok());
        assert_eq!(one.is_idle(), again, "{}", answer.escape_ascii());
    }
}

/// TLS says at its end that it is one; what ends without that was cut.
#[tokio::test]
async fn a_body_to_the_end_is_whole_only_where_the_end_is_true() {
    for cut in [false, true] {
        let (near, mut far) = duplex(4096);
        let (tap, taps) = Tap::new(near);
        let call = tokio::spawn(called(single(tap), "body"));
        let _length = far.read(&mut [0; 256]).await.unwrap();
        if cut {
            taps.cut_at_end();
        }
        far.write_all(b"HTTP/1.1 200 OK\r\n\r\nto the end")
            .await
            .unwrap();
        drop(far);
        let (got, mut one) = call.await.unwrap();
        assert_eq!(got.body.ok().as_deref(), (!cut).then_some("to the end"));
        assert!(!one.is_idle());
    }
}

#[tokio::test]
async fn the_buffer_is_used_again_and_shrinks_at_rest() {
    let (near, mut far) = duplex(READ_MOST);
    let call = tokio::spawn(called(single(near), "body"));
    let _length = far.read(&mut [0; 256]).await.unwrap();
    let body = "x".repeat(1024 * 1024);
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    far.write_all(head.as_bytes()).await.unwrap();
    far.write_all(body.as_bytes()).await.unwrap();
    let (got, mut one) = call.await.unwrap();
    assert!(got.body.unwrap() == body);
    assert!(got.pieces < 64, "{} pieces", got.pieces);
    assert!(one.is_idle());
    assert_eq!(one.0.read.capacity(), 0);
}

#[tokio::test]
async fn over_tls_a_call_is_one_record() {
    let (one, far, taps) = wire::secured().await;
    let answers = async {
        let mut far = far;
        let mut got = vec![0; 4096];
        let length = far.read(&mut got).await.unwrap();
        far.write_all(OK).await.unwrap();
        (far, length)
    };
    let ((answer, _one), _far) = tokio::join!(called(single(one), "the body"), answers);
    assert_eq!(answer.body.unwrap(), "ok");
    assert_one_record(&taps);
}

fn assert_one_record(taps: &Taps) {
    let writes = taps.writes();
    let [record] = &*writes else {
        panic!("{} writes", writes.len());
    };
    let [23, 3, 3, high, low, rest @ ..] = &**record else {
        panic!("no record");
    };
    assert_eq!(usize::from(*high) << 8 | usize::from(*low), rest.len());
}
