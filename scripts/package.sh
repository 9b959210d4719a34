#!/usr/bin/env bash
# Makes packages of the Edge agent from a program that is built already, with dpkg-deb and rpmbuild alone.
#   scripts/package.sh deb|rpm|all [--binary FILE] [--out FOLDER]
# The program is target/profiled/tidegate-edge (`make release`), the folder target/packages, unless told otherwise.
set -euo pipefail
umask 022
cd "$(dirname "$0")/.."

usage() {
  echo "usage: scripts/package.sh deb|rpm|all [--binary FILE] [--out FOLDER]" >&2
  exit 64
}

kind=${1:-}
case "$kind" in deb | rpm | all) shift ;; *) usage ;; esac
binary=target/profiled/tidegate-edge
out=target/packages
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || usage
  case "$1" in
    --binary) binary=$2 ;;
    --out) out=$2 ;;
    *) usage ;;
  esac
  shift 2
done
if [ ! -f "$binary" ]; then
  echo "no $binary; build it with \`make release\`, or name another one: --binary FILE" >&2
  exit 1
fi

require() {
  command -v "$1" >/dev/null || {
    echo "missing: $1. apt-get install $2" >&2
    exit 1
  }
}

name=tidegate-edge
version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
# The same sources give the same package: times are those of the last commit.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
export SOURCE_DATE_EPOCH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stage=$work/stage
docs=$stage/usr/share/doc/$name
mkdir -p "$out"

# What is the same in both.
stage() {
  install -D -m 755 "$binary" "$stage/usr/bin/$name"
  if command -v strip >/dev/null; then
    strip --strip-unneeded "$stage/usr/bin/$name"
  fi
  local unit
  for unit in "$name.service" "$name-trust.service" "$name-trust.path" "$name-hands.socket" "$name-hands@.service" \
    "$name-canary.socket" "$name-canary@.service"; do
    install -D -m 644 "packaging/$unit" "$stage/usr/lib/systemd/system/$unit"
  done
  install -d -m 755 "$stage/etc/$name"
  # The tray, for each session that starts.
  install -D -m 644 "packaging/$name-tray.desktop" "$stage/etc/xdg/autostart/$name-tray.desktop"
  install -D -m 644 packaging/README.md "$docs/README.md"
  install -D -m 644 packaging/edge.example.toml "$docs/config.example.toml"
  {
    echo "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"
    echo
    echo "Files: *"
    echo "Copyright: the authors of Tidegate"
    echo "License: Apache-2.0"
    echo " On Debian systems the text is in /usr/share/common-licenses/Apache-2.0."
  } >"$docs/copyright"
}

settle() {
  find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
}

# The least glibc that has every symbol the program asks for.
least_libc() {
  readelf --dyn-syms --wide "$stage/usr/bin/$name" |
    grep -oE 'GLIBC_[0-9.]+' | sed 's/GLIBC_//' | sort -V | tail -1
}

deb() {
  require dpkg-deb dpkg
  require readelf binutils
  local root=$work/deb file architecture
  architecture=$(dpkg --print-architecture)
  cp -a "$stage" "$root"
  {
    echo "$name ($version) unstable; urgency=medium"
    echo
    echo "  * Release $version; see CHANGELOG.md in the sources."
    echo
    echo " -- Tidegate <packages@tidegate.example>  $(LC_ALL=C date --utc -R --date="@$SOURCE_DATE_EPOCH")"
  } | gzip -9n >"$root/usr/share/doc/$name/changelog.gz"
  install -d "$root/DEBIAN"
  for file in postinst prerm postrm; do
    install -m 755 "packaging/deb/$file" "$root/DEBIAN/$file"
  done
  cat >"$root/DEBIAN/control" <<CONTROL
Package: $name
Version: $version
Architecture: $architecture
Maintainer: Tidegate <packages@tidegate.example>
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f1)
Depends: libc6 (>= $(least_libc)), libgcc-s1, ca-certificates, passwd
Recommends: libnss3-tools
Section: net
Priority: optional
Description: Edge agent of Tidegate
 Steers the connections of AI apps to the organisation's Tidegate gateway,
 where its policy applies. Whatever is not AI is not touched.
 .
 Needs Linux 5.15, and systemd to be started.
CONTROL
  echo "/etc/xdg/autostart/$name-tray.desktop" >"$root/DEBIAN/conffiles"
  (cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
  settle "$root"
  dpkg-deb --root-owner-group -Zxz --build "$root" "$out/${name}_${version}_$architecture.deb"
}

rpm() {
  require rpmbuild rpm
  local root=$work/rpm
  settle "$stage"
  rpmbuild -bb --quiet --define "_topdir $root" --define "_rpmdir $root/out" \
    --define "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm" \
    --define "_build_id_links none" --define "use_source_date_epoch_as_buildtime 1" \
    --define "_buildhost tidegate" --define "edge_version $version" --define "stage $stage" \
    --define "_binary_payload w6.xzdio" packaging/rpm/$name.spec
  cp "$root"/out/*.rpm "$out/"
}

stage
case "$kind" in
  deb) deb ;;
  rpm) rpm ;;
  all)
    deb
    rpm
    ;;
esac
ls -l "$out"
