#!/usr/bin/env bash
# Prepares a Debian machine with a Swift toolchain for building Nocturne and, with `test`, for its tests.
#
#   setup.sh          for building and the demo
#   setup.sh test     also for the tests
#   setup.sh bench    also for the benchmarks
#
# If everything is installed, it only checks, in well under a second. Downloads go into .deps/, which git ignores.
set -euo pipefail
cd "$(dirname "$0")/../.."

apt_build=(build-essential pkg-config make python3-venv libpq-dev libsndfile1-dev libmpg123-dev
  libsamplerate0-dev libsoxr-dev libcurl4-openssl-dev libssl-dev libsqlite3-dev asterisk-core-sounds-en-wav)
apt_test=(postgresql shellcheck procps chromium chromium-driver)
apt_bench=(postgresql postgresql-client nginx-light rclone ffmpeg wrk)

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

wanted=("${apt_build[@]}")
case "${1:-}" in
  test) wanted+=("${apt_test[@]}") ;;
  bench) wanted+=("${apt_bench[@]}") ;;
esac

command -v swift >/dev/null || fail "swift is not on the PATH: install Swift 6.3 from swift.org/install first"

# --- apt packages ---
installed=" $(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null \
  | sed -n 's/ installed$//p' | tr '\n' ' ' || true)"
missing=()
for package in "${wanted[@]}"; do
  [[ $installed == *" $package "* ]] && continue
  # A Python from elsewhere (pyenv, uv) includes venv.
  [ "$package" = python3-venv ] && python3 -c 'import venv, ensurepip' 2>/dev/null && continue
  missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  line="apt-get update && apt-get install -y ${missing[*]}"
  if [ "$(id -u)" != 0 ]; then
    fail "Debian packages are missing; run this as root, then try again:
  $line"
  fi
  say "installing Debian packages (a minute or two): ${missing[*]}"
  log=$(mktemp)
  if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } \
    >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    fail "apt-get failed; the whole log is $log"
  fi
  rm -f "$log"
fi

# --- Python environments: pinned, each recreated when its list changes ---
# make_venv FOLDER REQUIREMENTS…: the folder's stamp contains the lists' checksum, written last. Packages of a list whose
# name ends in -alone.txt are installed without their dependencies.
make_venv() {
  local folder=$1
  shift
  local sum
  sum=$(cat "$@" | sha256sum | cut -d' ' -f1)
  [ "$(cat "$folder/.nocturne" 2>/dev/null || true)" = "$sum" ] && return 0
  say "installing $(cat "$@" | grep -c '^[a-z]') Python packages into $folder (a few minutes, some hundred megabytes)"
  python3 -m venv "$folder"
  local list
  for list in "$@"; do
    local options=(--quiet --disable-pip-version-check)
    case "$list" in *-alone.txt) options+=(--no-deps) ;; esac
    "$folder/bin/pip" install "${options[@]}" -r "$list" || fail "pip could not install $list; look above for the reason"
  done
  printf '%s\n' "$sum" >"$folder/.nocturne"
}

mkdir -p .deps
lists=(pipelines/tools/requirements.txt)
[ -n "${LIBTORCH:-}" ] || lists+=(pipelines/tools/requirements-torch.txt)
make_venv .deps/venv "${lists[@]}"
case "${1:-}" in
  test) make_venv .deps/test-venv Tests/requirements.txt Tests/requirements-alone.txt ;;
  bench) make_venv .deps/bench-venv Tests/Benchmarks/requirements.txt Tests/Benchmarks/requirements-alone.txt ;;
esac

# --- the page's Vue and ECharts, from a wheel whose checksum pip verifies ---
page_list=pipelines/tools/requirements-page.txt page_notice=pipelines/tools/page-notice.txt
page_sum=$(cat $page_list $page_notice | sha256sum | cut -d' ' -f1)
if [ "$(cat .deps/page/.nocturne 2>/dev/null || true)" != "$page_sum" ]; then
  say "unpacking Vue and ECharts into .deps/page"
  rm -rf .deps/.page && mkdir -p .deps/.page/wheel
  .deps/venv/bin/pip download --quiet --disable-pip-version-check --no-deps --require-hashes -d .deps/.page/wheel \
    -r $page_list || fail "pip could not download $page_list; look above for the reason"
  python3 -m zipfile -e .deps/.page/wheel/*.whl .deps/.page/wheel
  mv .deps/.page/wheel/nicegui/static/vue.esm-browser.prod.js .deps/.page/
  mv .deps/.page/wheel/nicegui/elements/echart/dist/index-DlVyZyb_.js .deps/.page/
  mv .deps/.page/wheel/nicegui/elements/echart/dist/index.js .deps/.page/echarts.js
  rm -rf .deps/.page/wheel
  cp $page_notice .deps/.page/NOTICE.txt
  cp /usr/share/common-licenses/Apache-2.0 .deps/.page/LICENSE-APACHE.txt
  printf '%s\n' "$page_sum" >.deps/.page/.nocturne
  rm -rf .deps/page && mv .deps/.page .deps/page
fi

# --- promtool, without its package, which would start a server ---
if [ "${1:-}" = test ] && [ ! -x .deps/promtool ]; then
  say "unpacking promtool from Debian's prometheus"
  unpacked=$(mktemp -d)
  # The lists of packages may be missing, or older than the package.
  (cd "$unpacked" && { apt-get download prometheus || { apt-get update && apt-get download prometheus; }; }) \
    >"$unpacked/log" 2>&1 || fail "apt-get could not download prometheus; the log is $unpacked/log"
  dpkg-deb --fsys-tarfile "$unpacked"/prometheus_*.deb | tar -xO ./usr/bin/promtool >"$unpacked/promtool"
  chmod +x "$unpacked/promtool"
  mv "$unpacked/promtool" .deps/promtool
  rm -rf "$unpacked"
fi

# --- libtorch: headers and libraries are inside the wheel ---
if [ -n "${LIBTORCH:-}" ]; then
  for piece in include/torch/script.h lib/libtorch.so; do
    [ -e "$LIBTORCH/$piece" ] || fail "LIBTORCH=$LIBTORCH does not contain libtorch: $piece is missing"
  done
else
  torch=$(echo .deps/venv/lib/python3*/site-packages/torch)
  [ -e "$torch/lib/libtorch.so" ] || fail "$torch does not contain libtorch; remove .deps and run make setup again"
  [ "$(readlink .deps/libtorch 2>/dev/null)" = "${torch#.deps/}" ] || ln -sfn "${torch#.deps/}" .deps/libtorch
fi
