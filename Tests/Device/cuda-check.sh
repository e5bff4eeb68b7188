#!/usr/bin/env bash
# Builds the libtorch shim without Swift on a machine with an NVIDIA GPU, and compares CUDA with the CPU.
#
#   Tests/Device/cuda-check.sh [PYTHON]
#
# Needs g++ and a python that has a CUDA build of torch (its wheel holds the headers and libraries). Says what it
# compared and exits 0 only if everything agreed.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${1:-python3}
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

torch=$("$python" -c 'import os, torch; print(os.path.dirname(torch.__file__))')
echo "torch $("$python" -c 'import torch; print(torch.__version__, torch.cuda.get_device_name(0))')"

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
# libtorch.so is named by no symbol of ours, but it is what brings CUDA in.
g++ -shared "$build"/*.o -o "$build/libnocturne-torch.so" \
    -Wl,--no-as-needed -L"$torch/lib" -ltorch -ltorch_cpu -lc10 -Wl,-rpath,"$torch/lib" \
    -Wl,--version-script=Sources/C/TorchShim/exports.map
g++ -std=c++20 -O2 -Wall -Wextra -ISources/C/CTorch/include Tests/Device/cuda-check.cpp -o "$build/cuda-check" -ldl

models=Tests/Fixtures/models
"$build/cuda-check" "$build/libnocturne-torch.so" script "$models/masked/1/model.pt" "$models/hungry/1/model.pt"

"$python" -W ignore "$models/make_models.py" --aoti "$build/aoti" --device cuda
"$build/cuda-check" "$build/libnocturne-torch.so" package \
    "$models/masked/1/model.pt" "$build/aoti/compiled/1/model.pt2" "$build/aoti/compiled-bfloat16/1/model.pt2"
echo "all agree"
