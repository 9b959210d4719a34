//! Names as the engines and service managers write them.

use super::*;

const ID: &str = "4f1c0e4b8f0d4e0c9a7b6c5d4e3f2a1b4f1c0e4b8f0d4e0c9a7b6c5d4e3f2a1b";

#[test]
fn containers_are_told_from_their_engines_names() {
    for path in [
        format!("0::/system.slice/docker-{ID}.scope\n"),
        format!("12:pids:/docker/{ID}\n0::/\n"),
        format!("0::/machine.slice/libpod-{ID}.scope/container\n"),
        format!(
            "0::/kubepods.slice/kubepods-burstable.slice/kubepods-pod1.slice/cri-containerd-{ID}.scope\n"
        ),
        format!("4:cpu:/kubepods/besteffort/pod0a1b/{}\n", ID.to_uppercase()),
        format!("0::/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:{ID}\n"),
    ] {
        assert_eq!(
            origin(path.as_bytes()).container.as_deref(),
            Some(ID),
            "{path}"
        );
    }
    for path in [
        format!("0::/user.slice/libpod-conmon-{ID}.scope\n"),
        format!("0::/{}\n", &ID[1..]),
        format!("0::/x{ID}\n"),
        "garbage".into(),
        String::new(),
    ] {
        assert_eq!(origin(path.as_bytes()).container, None, "{path}");
    }
}

#[test]
fn units_and_bundles() {
    let app = "/user.slice/user-1000.slice/user@1000.service/app.slice";
    for (path, unit, bundle) in [
        ("/system.slice/ssh.service".to_owned(), "ssh.service", None),
        (
            format!("{app}/app-gnome-firefox-4711.scope"),
            "app-gnome-firefox-4711.scope",
            Some("firefox"),
        ),
        (
            format!("{app}/app-flatpak-com.google.Chrome-22.scope"),
            "app-flatpak-com.google.Chrome-22.scope",
            Some("com.google.Chrome"),
        ),
        (
            format!("{app}/app-google\\x2dchrome@abc.service"),
            "app-google\\x2dchrome@abc.service",
            Some("google-chrome"),
        ),
        (
            format!("{app}/snap.chromium.chromium-0a1b.scope"),
            "snap.chromium.chromium-0a1b.scope",
            Some("chromium"),
        ),
        (
            "/user.slice/user-0.slice/session-3.scope".to_owned(),
            "session-3.scope",
            None,
        ),
    ] {
        let read = origin(format!("0::{path}\n").as_bytes());
        assert_eq!(
            (read.unit.as_deref(), read.bundle.as_deref()),
            (Some(unit), bundle),
            "{path}"
        );
    }
}

#[test]
fn a_hybrid_system_knows_more_in_version_1() {
    let read = origin(b"3:name=systemd:/system.slice/cron.service\n0::/\n");
    assert_eq!(read.unit.as_deref(), Some("cron.service"));
}

proptest::proptest! {
    #[test]
    fn nothing_makes_it_fail(text in "\\PC{0,200}", bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        origin(text.as_bytes());
        origin(&bytes);
        unescape(&text);
        unescape(&format!("\\x{text}\\xé"));
    }
}
