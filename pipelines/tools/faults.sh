#!/usr/bin/env bash
# The fault campaign (docs/testing.md): all cases of which `make test` tries a sample, then libFuzzer with
# AddressSanitizer on our own parsers. faults.sh [SECONDS-PER-PARSER]
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}

swift build -c release --build-tests
NOCTURNE_CAMPAIGN=whole swift test -c release --disable-testable-imports --skip-build \
  --filter 'FaultTests|FaultAtEveryCall|MutationTests|FuzzTests|DecoderPoolTests'
echo "faults: all test cases passed after $SECONDS s"

# A separate build tree: everything in it is compiled with the sanitizers.
tree=.build/fuzz
NOCTURNE_FUZZER=1 swift build -c release --scratch-path $tree --product parser-fuzz \
  -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=address -Xcxx -fsanitize=address
mkdir -p $tree/findings
echo "faults: the fuzzers are built after $SECONDS s"
for parser in json listing tensors seals toml audio; do
  # The fuzzer's corpus stays in the tree: the next campaign continues from there.
  mkdir -p "$tree/corpus/$parser"
  seeds=("Tests/Fuzz/corpus/$parser")
  case $parser in
  audio) seeds=(Tests/Fixtures/audio) ;;
  toml) seeds+=(pipelines/digits pipelines/examples) ;;
  esac
  # TOMLKit leaks some memory with every text, which says nothing about our parsers. Swift's own crash report would
  # interfere with libFuzzer's.
  leaks=1
  if [ "$parser" = toml ]; then leaks=0; fi
  echo "faults: libFuzzer on $parser for $seconds s"
  if ! ASAN_OPTIONS=detect_leaks=$leaks SWIFT_BACKTRACE=enable=no \
    "$tree/release/parser-fuzz" "$parser" "$tree/corpus/$parser" "${seeds[@]}" \
    -max_total_time="$seconds" -max_len=16384 -timeout=5 -rss_limit_mb=2048 \
    -artifact_prefix="$tree/findings/$parser-" >"$tree/$parser.log" 2>&1; then
    tail -n 40 "$tree/$parser.log" >&2
    echo "faults: the parser 'ParserTarget.$parser' failed; run parser-fuzz $parser on the file named above" >&2
    exit 1
  fi
  grep DONE "$tree/$parser.log"
done
echo "faults: all passed after $SECONDS s"
