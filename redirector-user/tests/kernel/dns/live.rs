//! An app asks a resolver and connects to what it is told: by then the kernel knows.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    os::fd::OwnedFd,
};

use anyhow::{Result, ensure};
use aya::maps::{HashMap, MapData};
use tidegate_redirect::{Redirector, Tables};

use super::message::{CNAME, HTTPS, Message, POINTER, Record, labels, name};
use crate::{
    agent::{Agent, connect, real, retry},
    pins::Pinned,
    rig::{OTHER4, Rig, at, inside, ip},
};

/// Nobody has told the agent about this address.
const NEW4: &str = "203.0.113.77";
const NEW6: &str = "2001:db8::77";

fn tables() -> Tables {
    Tables {
        names: vec!["anthropic.com".into(), "chat.example".into()],
        ..Tables::default()
    }
}

fn agent(rig: &Rig) -> Result<Agent> {
    Ok(Agent::serve(rig.start_with(rig.options(), &tables())?))
}

/// The resolver sends the message, the app reads it.
fn resolve(message: &Message, from: SocketAddr) -> Result<()> {
    let resolver = retry(|| UdpSocket::bind(from))?;
    let app = UdpSocket::bind(SocketAddr::new(from.ip(), 0))?;
    resolver.send_to(&message.wire(), app.local_addr()?)?;
    app.set_read_timeout(Some(crate::agent::PATIENCE))?;
    let mut bytes = [0; 4096];
    app.recv(&mut bytes)?;
    Ok(())
}

fn resolve4(message: &Message) -> Result<()> {
    resolve(message, at("127.0.0.1", 53))
}

/// Whether an address is governed now: who would answer there.
async fn governed(agent: &mut Agent, address: &str) -> Result<bool> {
    crate::rig::add_address(address)?;
    let server = real(at(address, 443)).await?;
    let seen = connect(at(address, 443)).await?;
    server.abort();
    server.await.ok();
    if seen.answer == "agent" {
        ensure!(agent.flow().await?.destination == at(address, 443));
    }
    Ok(seen.answer == "agent")
}

fn told(question: &str, address: &str) -> Message {
    Message::answer(question, vec![Record::address(&POINTER, ip(address))])
}

#[test]
fn an_answer_is_learned_before_the_app_reads_it() {
    inside(|rig| async move {
        let mut agent = agent(&rig)?;
        ensure!(!governed(&mut agent, NEW4).await?);
        resolve4(&told("api.anthropic.com", NEW4))?;
        ensure!(governed(&mut agent, NEW4).await?);
        ensure!(agent.counter("learned_hits") >= 1);
        Ok(())
    });
}

#[test]
fn answers_over_ipv6_and_about_ipv6_are_learned() {
    inside(|rig| async move {
        let mut agent = agent(&rig)?;
        resolve(&told("anthropic.com", NEW6), at("::1", 53))?;
        ensure!(governed(&mut agent, NEW6).await?);
        Ok(())
    });
}

#[test]
fn case_does_not_matter() {
    inside(|rig| async move {
        let mut agent = agent(&rig)?;
        resolve4(&told("API.AnThRoPiC.cOm", NEW4))?;
        ensure!(governed(&mut agent, NEW4).await?);
        Ok(())
    });
}

#[test]
fn a_name_that_only_ends_alike_is_not_learned() {
    inside(|rig| async move {
        let mut agent = agent(&rig)?;
        for question in [
            "evilanthropic.com",
            "anthropic.com.evil.example",
            "com",
            "xn--anthropic.com",
        ] {
            resolve4(&told(question, NEW4))?;
        }
        // A label that holds the byte of a length.
        let mut forged = told("x", NEW4);
        forged.question = labels([&b"evil\x09anthropic"[..], b"com"].into_iter());
        resolve4(&forged)?;
        forged.question = labels([&b"evil\x89anthropic"[..], b"com"].into_iter());
        resolve4(&forged)?;
        ensure!(!governed(&mut agent, NEW4).await?);
        ensure!(agent.counter("dns_answers") == 0);
        Ok(())
    });
}

#[test]
fn aliases_are_followed_to_all_their_addresses() {
    inside(|rig| async move {
        let mut agent = agent(&rig)?;
        let edge = name("edge.cdn.example");
        let message = Message::answer(
            "api.anthropic.com",
            vec![
                Record::other(&POINTER, CNAME, name("anthropic.cdn.example")),
                Record::other(&name("anthropic.cdn.example"), CNAME, edge.clone()),
                Record::other(&edge, HTTPS, vec![0, 1, 0, 0, 5, 0, 2, 0, 1]),
                Record::address(&edge, ip(NEW4)),
                Record::address(&[0xc0, 50], ip(NEW6)),
            ],
        );
        resolve4(&message)?;
        ensure!(governed(&mut agent, NEW4).await? && governed(&mut agent, NEW6).await?);
        Ok(())
    });
}

#[test]
fn private_addresses_are_never_learned() {
    inside(|rig| async move {
        let agent = agent(&rig)?;
        let private = [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.1.1",
            "172.31.0.1",
            "169.254.1.1",
            "100.64.0.1",
            "224.0.0.1",
            "0.0.0.0",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:203.0.113.77",
        ];
        let records = private.map(|text| Record::address(&POINTER, raw_ip(text)));
        resolve4(&Message::answer("anthropic.com", records.to_vec()))?;
        ensure!(agent.counter("dns_answers") == 1);
        ensure!(agent.counter("dns_addresses_learned") == 0);
        ensure!(agent.counter("dns_addresses_not_learned") == private.len() as u64);
        Ok(())
    });
}

fn raw_ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

#[test]
fn private_addresses_are_learned_where_the_options_say_so() {
    inside(|rig| async move {
        let mut options = rig.options();
        options.learn_private = true;
        let mut agent = Agent::serve(rig.start_with(options, &tables())?);
        resolve4(&told("anthropic.com", "10.1.2.3"))?;
        ensure!(governed(&mut agent, "10.1.2.3").await?);
        Ok(())
    });
}

/// A compression pointer in the question, or an owner that never ends: nothing hangs, nothing is
/// learned that a parser would not read.
#[test]
fn malformed_answers_are_left_alone() {
    inside(|rig| async move {
        let mut agent = agent(&rig)?;
        let mut loops = told("x", NEW4);
        loops.question = POINTER.to_vec();
        resolve4(&loops)?;
        let owner = labels(vec![&b"a"[..]; 100].into_iter());
        resolve4(&Message::answer(
            "anthropic.com",
            vec![Record::address(&owner, ip(NEW4))],
        ))?;
        let mut truncated = told("anthropic.com", NEW4);
        truncated.promised = Some(5);
        truncated.answers[0].data.truncate(3);
        resolve4(&truncated)?;
        let mut failed = told("anthropic.com", NEW4);
        failed.flags = 0x8183;
        resolve4(&failed)?;
        let mut query = told("anthropic.com", NEW4);
        query.flags = 0x0100;
        resolve4(&query)?;
        ensure!(!governed(&mut agent, NEW4).await?);
        Ok(())
    });
}

/// Truncated as the protocol says it: what is there counts.
#[test]
fn a_truncated_answer_counts_as_far_as_it_goes() {
    inside(|rig| async move {
        let mut agent = agent(&rig)?;
        let mut message = told("anthropic.com", NEW4);
        message.flags |= 0x0200;
        message.promised = Some(9);
        resolve4(&message)?;
        ensure!(governed(&mut agent, NEW4).await?);
        Ok(())
    });
}

/// Only what comes from a resolver's port.
#[test]
fn other_datagrams_are_not_answers() {
    inside(|rig| async move {
        let mut agent = agent(&rig)?;
        resolve(&told("anthropic.com", NEW4), at("127.0.0.1", 5353))?;
        ensure!(!governed(&mut agent, NEW4).await?);
        Ok(())
    });
}

#[test]
fn a_name_that_is_governed_no_longer_takes_its_addresses_along() {
    inside(|rig| async move {
        let mut agent = agent(&rig)?;
        resolve4(&told("anthropic.com", NEW4))?;
        resolve4(&told("chat.example", OTHER4))?;
        agent.linux.apply(&Tables {
            names: vec!["chat.example".into()],
            ..Tables::default()
        })?;
        ensure!(!governed(&mut agent, NEW4).await?);
        let _real = real(at(OTHER4, 443)).await?;
        ensure!(connect(at(OTHER4, 443)).await?.answer == "agent");
        ensure!(agent.flow().await?.destination == at(OTHER4, 443));
        Ok(())
    });
}

/// Sockets may be older than the answer.
#[test]
fn a_socket_made_before_the_answer_is_governed_too() {
    inside(|rig| async move {
        let mut agent = agent(&rig)?;
        let socket: OwnedFd = crate::raw::tcp(at(NEW4, 443))?;
        resolve4(&told("anthropic.com", NEW4))?;
        let seen = crate::agent::client(move || {
            crate::raw::connect_to(&socket, at(NEW4, 443))?;
            crate::agent::look(crate::raw::stream(socket))
        })
        .await?;
        ensure!(seen.answer == "agent");
        ensure!(agent.flow().await?.destination == at(NEW4, 443));
        Ok(())
    });
}

/// `CLOCK_BOOTTIME` in nanoseconds, as far as a second matters.
fn boot_clock() -> Result<u64> {
    let text = std::fs::read_to_string("/proc/uptime")?;
    let seconds: f64 = text.split(' ').next().unwrap_or_default().parse()?;
    Ok((seconds * 1e9) as u64)
}

/// Apps and resolvers keep addresses for longer than they may, so an hour is the least.
#[test]
fn an_address_is_kept_for_its_time_but_an_hour_at_least() {
    const HOUR: u64 = 3600;
    inside(|rig| async move {
        let pins = Pinned::new(&rig);
        let mut agent = Agent::serve(rig.start_with(pins.options(&rig), &tables())?);
        let mut map: HashMap<MapData, [u8; 16], [u64; 2]> = pins.map("LEARNED")?;
        let key = NEW4.parse::<Ipv4Addr>()?.to_ipv6_mapped().octets();
        for (ttl, hours) in [
            (0, 1),
            (60, 1),
            (2 * HOUR as u32, 2),
            (u32::MAX, 1),
            (u32::MAX >> 1, 168),
        ] {
            let mut message = told("anthropic.com", NEW4);
            message.answers[0].ttl = ttl;
            resolve4(&message)?;
            let [expires, _] = map.get(&key, 0)?;
            let left = (expires - boot_clock()?).div_ceil(1_000_000_000);
            ensure!(left.abs_diff(hours * HOUR) <= 5, "{ttl}: {left} s left");
        }
        ensure!(governed(&mut agent, NEW4).await?);
        let [_, rule] = map.get(&key, 0)?;
        map.insert(key, [boot_clock()? - 1, rule], 0)?;
        ensure!(!governed(&mut agent, NEW4).await?, "it has expired");
        Ok(())
    });
}
