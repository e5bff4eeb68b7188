#!/usr/bin/env bash
# Checks the CUDA side of infer on a machine with an NVIDIA GPU: first the libtorch library alone, then the tool.
#
#   Tests/Device/check-gpu.sh [PYTHON [TOOLS [BATCH]]]
#
# PYTHON  has a CUDA build of torch, whose wheel contains the headers and libraries, and safetensors (default .deps/venv's)
# TOOLS   the folder of infer, built anywhere for this kind of system (default .build/release)
# BATCH   a batch of the demo with sealed features (default data/digits/2026-11-20)
#
# Needs g++, and no Swift. libnocturne-torch.so is built here, for that torch. Prints what it saw, and exits with 0 only
# if every check passes. It uses nearly all of the GPU's memory for seconds at a time: not for a GPU that others use.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${1:-.deps/venv/bin/python} tools=${2:-.build/release} batch=${3:-data/digits/2026-11-20}
models=Tests/Fixtures/models

fail() { printf 'check-gpu: %s\n' "$*" >&2; exit 1; }

"$python" -c 'import torch, sys; sys.exit(not torch.cuda.is_available())' 2>/dev/null ||
  fail "$python has no torch that sees a CUDA device: this check needs a GPU, its driver and a CUDA build of torch"
[ -x "$tools/infer" ] || fail "$tools does not contain infer: run make build, or name the folder"
[ -e "$batch/featurize/current" ] || fail "$batch has no features: run make demo, or name a batch of the demo"

nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader
"$python" -c 'import torch; print("torch", torch.__version__, "CUDA", torch.version.cuda,
  "cuDNN", torch.backends.cudnn.version())'

build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
torch=$("$python" -c 'import os, torch; print(os.path.dirname(torch.__file__))')
flags=(-std=c++20 -O2 -fPIC -fvisibility=hidden -fvisibility-inlines-hidden -Wall -Wextra
  -ISources/C/CTorch/include -ISources/C/TorchShim/include
  -isystem "$torch/include" -isystem "$torch/include/torch/csrc/api/include")
# The wheel says which C++ library interface it was built with.
flags+=("-D_GLIBCXX_USE_CXX11_ABI=$("$python" -c 'import torch; print(int(torch.compiled_with_cxx11_abi()))')")
jobs=()
for source in api model package start_up_code tensor_pool; do
  g++ "${flags[@]}" -c "Sources/C/TorchShim/$source.cpp" -o "$build/$source.o" & jobs+=($!)
done
for job in "${jobs[@]}"; do wait "$job"; done
# No symbol of ours refers to libtorch.so, but it is the library that loads CUDA.
g++ -shared "$build"/*.o -o "$build/libnocturne-torch.so" \
  -Wl,--no-as-needed -L"$torch/lib" -ltorch -ltorch_cpu -lc10 -Wl,-rpath,"$torch/lib" \
  -Wl,--version-script=Sources/C/TorchShim/exports.map
g++ -std=c++20 -O2 -Wall -Wextra -ISources/C/CTorch/include Tests/Device/cuda-check.cpp -o "$build/cuda-check" -ldl

failed=0
check() { "$build/cuda-check" "$build/libnocturne-torch.so" "$@" || failed=1; }
"$python" -W ignore Tests/Device/device_models.py "$models/masked/1" "$build/models"
check script "$models/masked/1/model.pt" "$build/models/huge/1/model.pt"
check lost "$models/masked/1/model.pt" "$build/models/broken/1/model.pt"
if "$python" -W ignore "$models/make_models.py" --aoti "$build/aoti" --device cuda; then
  check package "$models/masked/1/model.pt" \
    "$build/aoti/compiled/1/model.pt2" "$build/aoti/compiled-bfloat16/1/model.pt2"
else
  echo "FAIL  torch does not compile for CUDA here" && failed=1
fi

cp "$tools/infer" "$build"
"$python" -W ignore Tests/Device/infer-check.py --bin "$build" --batch "$batch" || failed=1
[ $failed = 0 ] || fail "some checks failed, see above"
echo "all checks passed"
