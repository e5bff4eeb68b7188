#!/usr/bin/env bash
# Installs a built Nocturne below a prefix: install.sh PREFIX
#
#   bin/nocturne             the front command, the only one on the PATH
#   libexec/nocturne/TOOL    the tools, where they do not collide with another fetch or clean
#   lib/nocturne/            the library that opens libtorch (which stays where it is)
#   share/                   the night's rules, the dashboard's page, examples for cron and systemd, manual pages, completions
set -euo pipefail
cd "$(dirname "$0")/../.."
prefix=${1:?usage: install.sh PREFIX}

install -d "$prefix"/{bin,libexec/nocturne,lib/nocturne,share/nocturne,share/man/man1} \
  "$prefix"/share/{bash-completion/completions,zsh/site-functions,fish/vendor_completions.d}
install -m 755 .build/release/nocturne "$prefix/bin/"
install -m 755 .build/release/{fetch,clean,featurize,infer,store,batches,dashboard} "$prefix/libexec/nocturne/"
install -m 644 .build/release/libnocturne-torch.so "$prefix/lib/nocturne/"
install -m 644 pipelines/night.mk "$prefix/share/nocturne/"
install -m 644 pipelines/crontab.example pipelines/systemd/* pipelines/prometheus/nocturne.rules.yml "$prefix/share/nocturne/"
# The page from the checkout, and its libraries in the vendor folder. The folder is replaced, so that no file of an older page
# remains.
rm -rf "$prefix/share/nocturne/page"
cp -R Sources/Dashboard/Page "$prefix/share/nocturne/page"
install -d "$prefix/share/nocturne/page/vendor"
install -m 644 .deps/page/* "$prefix/share/nocturne/page/vendor/"
install -m 644 .build/man/*.1 "$prefix/share/man/man1/"
install -m 644 .build/completions/bash/nocturne "$prefix/share/bash-completion/completions/nocturne"
install -m 644 .build/completions/zsh/nocturne "$prefix/share/zsh/site-functions/_nocturne"
install -m 644 .build/completions/fish/nocturne "$prefix/share/fish/vendor_completions.d/nocturne.fish"
echo "installed below $prefix; libtorch is used from $(readlink -f "${LIBTORCH:-.deps/libtorch}")"
