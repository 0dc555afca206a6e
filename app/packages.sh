# SPDX-License-Identifier: GPL-3.0-or-later
# What Debian 12 has to have: the one list that app/run and tests/run read. Sourced by them; defines install_packages GROUP….
packages_build="gcc libc6-dev meson ninja-build pkg-config gettext libglib2.0-dev libcairo2-dev libpango1.0-dev libelf-dev libdw-dev python3 libzstd-dev zlib1g-dev
  liblzma-dev libdeflate-dev libbz2-dev libgsl-dev libjson-glib-dev libiberty-dev libdebuginfod-dev libsoup-3.0-dev libsecret-1-dev libpolkit-gobject-1-dev libgtk-4-dev libadwaita-1-dev libglib2.0-bin desktop-file-utils shared-mime-info"
packages_run="fonts-dejavu-core adwaita-icon-theme librsvg2-common dbus"
packages_test="clang libclang-rt-14-dev python3 librsvg2-bin libxml2-utils xz-utils zstd gzip bzip2 perl bc time linux-perf binutils g++ dwz llvm lld rustfilt
  xvfb at-spi2-core dbus-x11 python3-pyatspi gir1.2-atspi-2.0 gir1.2-gtk-4.0 xdotool imagemagick appstream python3-jsonschema chromium
  nodejs openjdk-17-jdk-headless
  debuginfod prometheus openssl gnome-keyring dwz gcc-aarch64-linux-gnu gcc-arm-linux-gnueabihf gcc-powerpc64-linux-gnu gcc-s390x-linux-gnu gcc-mips-linux-gnu gcc-i686-linux-gnu
  polkitd dbus-daemon python3-gi gir1.2-polkit-1.0 util-linux
  libc6-dev-arm64-cross libc6-dev-armhf-cross qemu-user gcc-12-multilib libc6-dev-i386"

# install_packages GROUP…: apt-get what is missing; with sudo where not root; says what it would install where it cannot.
install_packages () {
  local group missing=() package list
  for group; do
    list=packages_$group
    for package in ${!list}; do
      dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q '^install ok installed$' || missing+=("$package")
    done
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if ! command -v apt-get > /dev/null; then
    echo "These packages are missing, and there is no apt-get to install them with: ${missing[*]}" >&2
    return 1
  fi
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo > /dev/null || ! sudo -n true 2> /dev/null && [ ! -t 0 ]; then
      echo "Root is needed to install what is missing: apt-get install --no-install-recommends ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "Installing: ${missing[*]}" >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}
