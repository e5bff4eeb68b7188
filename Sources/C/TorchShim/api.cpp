// The table of functions behind CTorch.h.

#include <TorchShim.h>

#include "guard.hpp"
#include "model.hpp"
#include "start_up_code.hpp"
#include "tensor_pool.hpp"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <cstdlib>

using nocturne::guarded;

namespace {

void free_message(char *message) { std::free(message); }

nocturne_torch_status cuda(bool *built, int32_t *devices, char **message) {
    return guarded(message, [&] {
        // Not hasCUDA, which is false where CUDA's driver is missing.
        *built = at::Context::hasCUDART();
        *devices = static_cast<int32_t>(torch::cuda::device_count());
    });
}

nocturne_torch_status set_threads(int32_t intra_op, int32_t inter_op, char **message) {
    return guarded(message, [&] {
        if (intra_op > 0) at::set_num_threads(intra_op);
        if (inter_op > 0) at::set_num_interop_threads(inter_op);
    });
}

nocturne_torch_status intra_op_threads(int32_t *threads, char **message) {
    return guarded(message, [&] { *threads = at::get_num_threads(); });
}

nocturne_torch_status load(
    const nocturne_torch_load_options *options, nocturne_torch_model **model, char **message) {
    return guarded(
        message,
        [&] {
            *model = new nocturne_torch_model(*options);
            // Loading briefly holds the parameters twice, which says nothing about what batches will need.
            nocturne::empty_tensor_pool();
            nocturne::let_go_of_start_up_code();
        },
        NOCTURNE_TORCH_BAD_MODEL);
}

void release_model(nocturne_torch_model *model) {
    guarded(nullptr, [&] { delete model; });
}

nocturne_torch_status forward(
    nocturne_torch_model *model, const nocturne_torch_input *input, nocturne_torch_outputs **outputs,
    char **message) {
    const nocturne_torch_status status =
        guarded(message, [&] { *outputs = new nocturne_torch_outputs(model->forward(*input)); });
    return status == NOCTURNE_TORCH_ERROR && !model->device_answers() ? NOCTURNE_TORCH_DEVICE_LOST : status;
}

int32_t output_count(const nocturne_torch_outputs *outputs) {
    return static_cast<int32_t>(outputs->tensors.size());
}

nocturne_torch_tensor output(const nocturne_torch_outputs *outputs, int32_t at) {
    const at::Tensor &tensor = outputs->tensors[static_cast<size_t>(at)];
    return {
        .values = tensor.const_data_ptr<float>(),
        .count = tensor.numel(),
        .shape = tensor.sizes().data(),
        .rank = static_cast<int32_t>(tensor.dim()),
    };
}

const char *output_name(const nocturne_torch_outputs *outputs, int32_t at) {
    return outputs->names.empty() ? nullptr : outputs->names[static_cast<size_t>(at)].c_str();
}

void release_outputs(nocturne_torch_outputs *outputs) {
    guarded(nullptr, [&] { delete outputs; });
}

// Reached through the device-neutral registry, because the CPU build has no CUDA headers. NULL: nothing has run on CUDA
// yet.
c10::DeviceAllocator *cuda_allocator() {
    auto *allocator = dynamic_cast<c10::DeviceAllocator *>(c10::GetAllocator(c10::kCUDA));
    return allocator != nullptr && allocator->initialized() ? allocator : nullptr;
}

c10::DeviceIndex index_of(c10::Device device) { return device.has_index() ? device.index() : c10::DeviceIndex{0}; }

nocturne_torch_status device_memory(const char *name, nocturne_torch_memory *memory, char **message) {
    return guarded(message, [&] {
        *memory = {};
        const c10::Device device(name);
        if (!device.is_cuda()) {
            const nocturne::TensorPoolFigures figures = nocturne::tensor_pool_figures();
            memory->allocated = static_cast<int64_t>(figures.used);
            memory->reserved = static_cast<int64_t>(figures.held);
            memory->peak_allocated = static_cast<int64_t>(figures.most_used);
            return;
        }
        c10::DeviceAllocator *allocator = cuda_allocator();
        if (allocator == nullptr) return;
        const auto figures = allocator->getDeviceStats(index_of(device));
        const auto [free, total] = allocator->getMemoryInfo(index_of(device));
        constexpr auto all = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
        memory->allocated = figures.allocated_bytes[all].current;
        memory->reserved = figures.reserved_bytes[all].current;
        memory->peak_allocated = figures.allocated_bytes[all].peak;
        memory->free = static_cast<int64_t>(free);
        memory->total = static_cast<int64_t>(total);
    });
}

nocturne_torch_status empty_cache(const char *name, char **message) {
    return guarded(message, [&] {
        const c10::Device device(name);
        if (!device.is_cuda()) return nocturne::empty_tensor_pool();
        c10::DeviceAllocator *allocator = cuda_allocator();
        if (allocator == nullptr) return;
        allocator->emptyCache();
        allocator->resetPeakStats(index_of(device));
    });
}

constexpr nocturne_torch_api api = {
    .torch_version = TORCH_VERSION,
    .free_message = free_message,
    .cuda = cuda,
    .set_threads = set_threads,
    .intra_op_threads = intra_op_threads,
    .load = load,
    .release_model = release_model,
    .forward = forward,
    .output_count = output_count,
    .output = output,
    .output_name = output_name,
    .release_outputs = release_outputs,
    .device_memory = device_memory,
    .empty_cache = empty_cache,
};

}  // namespace

const nocturne_torch_api *nocturne_torch_open(uint32_t abi) {
    if (abi != NOCTURNE_TORCH_ABI) return nullptr;
    nocturne::use_tensor_pool();
    // By default libtorch lets cuDNN round the factors of float32 convolutions on CUDA to TF32's 10 bits: scores would
    // deviate from those of the CPU and from a package's known answer.
    at::globalContext().setAllowTF32CuDNN(false);
    // Compiled packages check the shapes and types of their inputs only with this set; without it, a model compiled for
    // 80 bins would read past the end of 40. Set before any package is loaded and before any worker has started.
    ::setenv("AOTI_RUNTIME_CHECK_INPUTS", "1", /*overwrite=*/0);
    return &api;
}
