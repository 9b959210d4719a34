//! Property lists, whole and mangled.

use super::*;

/// What Python's `plistlib` writes for five texts' worth of keys, a number, an array and a dictionary.
const BINARY: &[&str] = &[
    "62706c6973743030d70102030405060708090a0b0c0e105f1012434642756e646c654964656e7469",
    "666965725c434642756e646c654e616d655f101a434642756e646c6553686f727456657273696f6e",
    "537472696e67544c6f6e6751615164516e5a61692e6a616e2e61707063004a00e4006e55302e372e",
    "335f1028787878787878787878787878787878787878787878787878787878787878787878787878",
    "78787878a10d5178d1010f526e6f100508172c39565b5d5f616c7379a4a6a8abae00000000000001",
    "010000000000000011000000000000000000000000000000b0",
];

fn bytes() -> Vec<u8> {
    let hex = BINARY.concat();
    let pairs = hex
        .as_bytes()
        .chunks(2)
        .map(|pair| str::from_utf8(pair).unwrap());
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).unwrap())
        .collect()
}

#[test]
fn a_binary_list_gives_its_texts() {
    let texts = texts(&bytes()).unwrap();
    let text = |key: &str| texts.get(key).map(String::as_str);
    assert_eq!(text("CFBundleIdentifier"), Some("ai.jan.app"));
    assert_eq!(text("CFBundleShortVersionString"), Some("0.7.3"));
    assert_eq!(text("CFBundleName"), Some("Jän"));
    assert_eq!(text("Long").map(str::len), Some(40));
    assert_eq!((text("n"), text("a"), text("d")), (None, None, None));
}

#[test]
fn an_xml_list_gives_the_texts_at_its_top() {
    let list = "<plist><dict><key>a</key><string>1 &lt;&amp;lt; 2</string><key>b</key><true/>\
                <key>c</key><dict><key>a</key><string>deep</string></dict><key>e</key><string/></dict></plist>";
    let texts = texts(list.as_bytes()).unwrap();
    assert_eq!(texts.get("a").map(String::as_str), Some("1 <&lt; 2"));
    assert_eq!(texts.get("c"), None);
}

#[test]
fn depth_costs_nothing() {
    let deep = format!("<plist>{}", "<dict><array>".repeat(200_000));
    assert_eq!(texts(deep.as_bytes()).map(|texts| texts.len()), Some(0));
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_fail(at in 0_usize..400, byte: u8, cut in 0_usize..400) {
        let mut list = bytes();
        if let Some(place) = list.get_mut(at) {
            *place = byte;
        }
        list.truncate(list.len().saturating_sub(cut));
        let _texts = texts(&list);
    }

    #[test]
    fn no_noise_makes_it_fail(noise in proptest::collection::vec(0_u8.., 0..200)) {
        let _binary = texts(&[b"bplist00".as_slice(), &noise].concat());
        let _xml = texts(&[b"<plist".as_slice(), &noise].concat());
    }
}
