//! The layout, pinned byte by byte, since the kernel and the agent may be of different builds.

use core::mem::{align_of, offset_of, size_of};
use core::net::SocketAddr;

use super::*;

#[test]
fn records_have_the_documented_size_and_no_padding() {
    assert_eq!(size_of::<Opener>(), 48);
    assert_eq!(size_of::<Original>(), 80);
    assert_eq!(size_of::<PortKey>(), 32);
    assert_eq!(size_of::<Event>(), 80);
    assert_eq!(size_of::<Execution>(), 32);
    assert_eq!(size_of::<Config>(), 24);
    assert_eq!(size_of::<Served>(), 8);
    assert_eq!(size_of::<Learned>(), 16);
    assert_eq!(size_of::<Own>(), 4);
    for align in [
        align_of::<Original>(),
        align_of::<PortKey>(),
        align_of::<Event>(),
    ] {
        assert_eq!(align, 8);
    }
}

#[test]
fn fields_lie_where_they_are_documented() {
    assert_eq!(
        [
            offset_of!(Opener, netns),
            offset_of!(Opener, cgroup),
            offset_of!(Opener, tgid),
            offset_of!(Opener, uid),
            offset_of!(Opener, start_ns),
            offset_of!(Opener, comm),
        ],
        [0, 8, 16, 20, 24, 32]
    );
    assert_eq!(
        [
            offset_of!(Original, family),
            offset_of!(Original, port),
            offset_of!(Original, address),
            offset_of!(Original, cookie),
            offset_of!(Original, opener),
        ],
        [0, 4, 8, 24, 32]
    );
    assert_eq!(
        [
            offset_of!(PortKey, netns),
            offset_of!(PortKey, address),
            offset_of!(PortKey, family),
            offset_of!(PortKey, port),
        ],
        [0, 8, 24, 28]
    );
    assert_eq!(
        [
            offset_of!(Event, kind),
            offset_of!(Event, family),
            offset_of!(Event, address),
            offset_of!(Event, port),
            offset_of!(Event, reserved),
            offset_of!(Event, opener),
        ],
        [0, 4, 8, 24, 28, 32]
    );
    assert_eq!(
        [
            offset_of!(Execution, start_ns),
            offset_of!(Execution, parent_start_ns),
            offset_of!(Execution, tgid),
            offset_of!(Execution, parent),
            offset_of!(Execution, uid),
            offset_of!(Execution, reserved),
        ],
        [0, 8, 16, 20, 24, 28]
    );
    assert_eq!(
        [
            offset_of!(Config, answer_limit_ns),
            offset_of!(Config, fail_closed),
            offset_of!(Config, refuse_quic),
            offset_of!(Config, learn_private),
            offset_of!(Config, backstop),
        ],
        [0, 8, 12, 16, 20]
    );
    assert_eq!(
        [offset_of!(Served, port4), offset_of!(Served, port6)],
        [0, 4]
    );
    assert_eq!(
        [
            offset_of!(Learned, expires_ns),
            offset_of!(Learned, rule),
            offset_of!(Learned, reserved),
        ],
        [0, 8, 12]
    );
}

#[test]
fn counters_are_listed_by_their_index() {
    for (index, (counter, _)) in COUNTERS.iter().enumerate() {
        assert_eq!(*counter as usize, index);
    }
}

#[test]
fn numbers_mean_the_kinds_they_came_from() {
    for number in 0..10 {
        if let Some(kind) = EventKind::from_number(number) {
            assert_eq!(kind as u32, number);
        }
    }
    assert_eq!(EventKind::from_number(6), Some(EventKind::Bypass));
    assert_eq!(EventKind::from_number(7), None);
    assert_eq!(Moment::BypassTold as usize + 1, MOMENTS);
}

#[test]
fn a_key_is_of_the_address_on_the_wire() {
    let plain: SocketAddr = "127.0.0.1:4000".parse().unwrap();
    let mapped: SocketAddr = "[::ffff:127.0.0.1]:4000".parse().unwrap();
    assert_eq!(PortKey::new(7, plain), PortKey::new(7, mapped));
    assert_ne!(PortKey::new(7, plain), PortKey::new(8, plain));
    let six = PortKey::new(7, "[::1]:4000".parse().unwrap());
    assert_eq!(six.address, [0, 0, 0, 1_u32.to_be()]);
    assert_eq!(six.family, Family::V6 as u32);
}

#[test]
fn a_destination_comes_back_as_it_went_in() {
    for text in ["203.0.113.10:443", "[2001:db8::10]:443"] {
        let address: SocketAddr = text.parse().unwrap();
        let (family, words) = crate::flow::words(address.ip());
        let original = Original {
            family: family as u32,
            port: 443,
            address: words,
            cookie: 0,
            opener: Opener::default(),
        };
        assert_eq!(original.destination(), Some(address));
    }
}

#[test]
fn a_record_that_means_nothing_has_no_destination() {
    let mut original = Original {
        family: 1,
        port: 443,
        address: [0; 4],
        cookie: 0,
        opener: Opener::default(),
    };
    assert_eq!(original.destination(), None);
    original.family = 2;
    original.port = 65_536;
    assert_eq!(original.destination(), None);
}

#[test]
fn a_name_is_the_prefix_of_those_below_it_only() {
    let (rule, used) = name_key("Anthropic.com").unwrap();
    assert_eq!(&rule[..used], b"\0moc\x83ciporhtna\x89");
    let (below, _) = name_key("api.anthropic.com").unwrap();
    assert_eq!(&below[..used], &rule[..used]);
    let (evil, _) = name_key("evilanthropic.com").unwrap();
    assert_ne!(&evil[..used], &rule[..used]);
}

#[test]
fn a_name_that_cannot_be_on_the_wire_has_no_key() {
    assert_eq!(name_key(""), Err(InvalidName));
    assert_eq!(name_key("a..b"), Err(InvalidName));
    assert_eq!(name_key("münchen.de"), Err(InvalidName));
    let label = core::str::from_utf8(&[b'a'; 64]).unwrap();
    assert_eq!(name_key(label), Err(InvalidName));
    assert!(name_key(&label[..63]).is_ok());
    let long = core::str::from_utf8(&[b'a'; 63]).unwrap();
    let mut text = [b'.'; 255];
    for part in text.chunks_mut(64) {
        let len = part.len().min(63);
        part[..len].copy_from_slice(&long.as_bytes()[..len]);
    }
    assert_eq!(
        name_key(core::str::from_utf8(&text).unwrap()),
        Err(InvalidName)
    );
}
