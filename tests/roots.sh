# SPDX-License-Identifier: LGPL-2.1-or-later
# Functions for scripts that run commands in other Debian systems: in folders that debootstrap fills. The scripts source
# this file. It needs root, debootstrap, chroot and unshare. FOMO_ROOTS is the folder of the systems (default:
# /var/tmp/fomotransfer-roots); a system stays there for the next run.
roots=${FOMO_ROOTS:-/var/tmp/fomotransfer-roots}
# The mirror; empty: that of debootstrap.
mirror=${FOMO_DEBIAN_MIRROR:-}

# need_roots: ends the script with 77 (skipped) and the reason where no other system can be made.
need_roots() {
  local reason= tool
  for tool in debootstrap chroot unshare; do
    command -v $tool >/dev/null || reason="no $tool: apt-get install debootstrap"
  done
  [ "$(id -u)" -eq 0 ] || reason="chroot needs root"
  [ -z "$reason" ] || { echo "${0##*/}: skipped: $reason" >&2; exit 77; }
}

# in_root ROOT COMMAND...: runs the command in the system, with /proc, /dev and /tmp of its own, which vanish with it.
in_root() {
  local root=$1
  shift
  unshare --mount --pid --fork sh -c '
    root=$1; shift
    mount -t proc proc "$root/proc" && mount -t tmpfs tmpfs "$root/tmp" && mount --rbind /dev "$root/dev" || exit 1
    exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
      DEBIAN_FRONTEND=noninteractive "$@"' sh "$root" "$@"
}

# make_root SUITE: a minimal system of the suite, with nothing but what debootstrap installs; prints its folder.
make_root() {
  local suite=$1 root=$roots/$1
  if [ ! -e "$root/.complete" ]; then
    rm -rf "$root"
    mkdir -p "$roots"
    # Suites that this debootstrap does not know are made as sid is.
    local script=
    [ -e "/usr/share/debootstrap/scripts/$suite" ] || script=/usr/share/debootstrap/scripts/sid
    debootstrap --variant=minbase "$suite" "$root" "$mirror" $script >"$root.log" 2>&1 ||
      { tail -n 5 "$root.log" >&2; echo "debootstrap of $suite failed; all of its messages are in $root.log" >&2; return 1; }
    # Packages that are installed later bring no daemons up.
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod +x "$root/usr/sbin/policy-rc.d"
    # A mirror that is a snapshot has release files that have expired.
    echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/90expired-releases"
    touch "$root/.complete"
  fi
  echo "$root"
}

# copy_root ROOT NAME: a copy of the system, in place of an older one of that name; prints its folder.
copy_root() {
  rm -rf "${roots:?}/$2"
  cp -a --reflink=auto "$1" "$roots/$2"
  echo "$roots/$2"
}

# copy_sources ROOT: copies the files that git knows to the system's /src, without those that are gone since.
copy_sources() {
  rm -rf "$1/src"
  mkdir "$1/src"
  local list
  list=$(mktemp)
  git -c safe.directory='*' ls-files -z >"$list"
  tar c --null -T "$list" | tar x -C "$1/src"
  rm -f "$list"
}

# build_root SUITE: a system of the suite in which the package is built: with the packages of Build-Depends.
build_root() {
  local suite=$1 root=$roots/$1-build base
  if [ ! -e "$root/.builds" ]; then
    base=$(make_root "$suite")
    copy_root "$base" "$suite-build" >/dev/null
    in_root "$root" apt-get -qq update >&2
    in_root "$root" apt-get -qq install -y --no-install-recommends dpkg-dev debhelper fakeroot ccache >"$root.log" 2>&1 ||
      { tail -n 5 "$root.log" >&2; return 1; }
    touch "$root/.builds"
  fi
  copy_sources "$root"
  # build-dep reads debian/control from a source tree.
  rm -rf "$root/control" && mkdir "$root/control" && cp -r packaging/debian "$root/control/debian"
  in_root "$root" apt-get -qq build-dep -y --no-install-recommends /control >"$root.log" 2>&1 ||
    { tail -n 5 "$root.log" >&2; return 1; }
  echo "$root"
}
