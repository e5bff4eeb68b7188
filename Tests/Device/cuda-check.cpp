// Runs models on CUDA and on the CPU through libnocturne-torch.so and compares. check-gpu.sh calls it.

#include <CTorch.h>

#include <dlfcn.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

const nocturne_torch_api *torch_api = nullptr;

[[noreturn]] void fail(const std::string &what) {
    std::fprintf(stderr, "cuda-check: %s\n", what.c_str());
    std::exit(1);
}

// Exits unless a call ended as expected.
void expect(const std::string &doing, nocturne_torch_status wanted, nocturne_torch_status found, char *message) {
    if (found != wanted) {
        fail(doing + ": status " + std::to_string(found) + ", expected " + std::to_string(wanted) + ": "
             + (message != nullptr ? message : "no message"));
    }
    torch_api->free_message(message);
}

// A batch of 8 items of 200 frames and fewer, 4 bins, that looks random.
struct Batch {
    std::vector<float> values;
    std::vector<int64_t> shape{8, 200, 4};
    std::vector<int64_t> lengths{200, 180, 150, 149, 90, 33, 7, 1};

    Batch() {
        for (int at = 0; at < 8 * 200 * 4; ++at) values.push_back(static_cast<float>(std::sin(at * 1.7)));
    }

    nocturne_torch_input input(nocturne_torch_type type) const {
        return {values.data(), shape.data(), 3, type, lengths.data()};
    }
};

nocturne_torch_model *load(
    const char *path, nocturne_torch_format format, const char *device,
    nocturne_torch_type precision = NOCTURNE_TORCH_FLOAT32) {
    const nocturne_torch_load_options options{path, format, device, precision, nullptr};
    nocturne_torch_model *model = nullptr;
    char *message = nullptr;
    const auto status = torch_api->load(&options, &model, &message);
    expect(std::string("load ") + path + " on " + device, NOCTURNE_TORCH_OK, status, message);
    return model;
}

std::vector<float> run(nocturne_torch_model *model, const Batch &batch, nocturne_torch_type type) {
    const auto input = batch.input(type);
    nocturne_torch_outputs *outputs = nullptr;
    char *message = nullptr;
    const auto status = torch_api->forward(model, &input, &outputs, &message);
    expect("forward", NOCTURNE_TORCH_OK, status, message);
    const auto tensor = torch_api->output(outputs, 0);
    const std::vector<float> values(tensor.values, tensor.values + tensor.count);
    torch_api->release_outputs(outputs);
    return values;
}

void compare(const char *what, const std::vector<float> &a, const std::vector<float> &b, float tolerance) {
    if (a.size() != b.size() || a.empty()) fail(std::string(what) + ": the outputs differ in size");
    float largest = 0;
    for (size_t at = 0; at < a.size(); ++at) largest = std::max(largest, std::fabs(a[at] - b[at]));
    std::printf("%s: largest difference %.2e (limit %.0e)\n", what, largest, tolerance);
    // Written so that NaN fails.
    if (!(largest <= tolerance)) fail(std::string(what) + ": too far apart");
}

double milliseconds(nocturne_torch_model *model, const Batch &batch) {
    run(model, batch, NOCTURNE_TORCH_FLOAT32);
    const auto began = std::chrono::steady_clock::now();
    for (int turn = 0; turn < 20; ++turn) run(model, batch, NOCTURNE_TORCH_FLOAT32);
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count() / 20;
}

nocturne_torch_memory memory_figures() {
    nocturne_torch_memory memory{};
    char *message = nullptr;
    const auto status = torch_api->device_memory("cuda:0", &memory, &message);
    expect("device memory", NOCTURNE_TORCH_OK, status, message);
    std::printf(
        "cuda:0 holds %lld bytes in tensors (at most %lld), %lld reserved; %lld of %lld are free\n",
        static_cast<long long>(memory.allocated), static_cast<long long>(memory.peak_allocated),
        static_cast<long long>(memory.reserved), static_cast<long long>(memory.free),
        static_cast<long long>(memory.total));
    const bool make_sense = 0 < memory.allocated && memory.allocated <= memory.peak_allocated &&
                            memory.allocated <= memory.reserved && memory.free + memory.reserved <= memory.total;
    if (!make_sense) fail("the memory figures make no sense");
    return memory;
}

void expect_failure(const char *path, const std::string &what, nocturne_torch_status wanted) {
    auto *model = load(path, NOCTURNE_TORCH_SCRIPT, "cuda:0");
    const Batch batch;
    const auto input = batch.input(NOCTURNE_TORCH_FLOAT32);
    nocturne_torch_outputs *outputs = nullptr;
    char *message = nullptr;
    const auto status = torch_api->forward(model, &input, &outputs, &message);
    if (message != nullptr) std::printf("%s: %.200s\n", what.c_str(), message);
    expect(what, wanted, status, message);
    torch_api->release_model(model);
}

void check_script(const char *path, const char *huge) {
    const Batch batch;
    auto *cpu = load(path, NOCTURNE_TORCH_SCRIPT, "cpu");
    auto *cuda = load(path, NOCTURNE_TORCH_SCRIPT, "cuda");
    auto *half = load(path, NOCTURNE_TORCH_SCRIPT, "cuda:0", NOCTURNE_TORCH_BFLOAT16);
    const auto expected = run(cpu, batch, NOCTURNE_TORCH_FLOAT32);
    compare("TorchScript float32", run(cuda, batch, NOCTURNE_TORCH_FLOAT32), expected, 1e-4f);
    compare("TorchScript bfloat16", run(half, batch, NOCTURNE_TORCH_BFLOAT16), expected, 2e-2f);
    std::printf("a batch takes %.3f ms on CUDA, %.3f ms on the CPU\n", milliseconds(cuda, batch), milliseconds(cpu, batch));
    memory_figures();

    // Distinguished from other failures, and the models continue to work.
    expect_failure(huge, "out of memory", NOCTURNE_TORCH_OUT_OF_MEMORY);
    compare("after running out of memory", run(cuda, batch, NOCTURNE_TORCH_FLOAT32), expected, 1e-4f);
    char *message = nullptr;
    const auto emptied = torch_api->empty_cache("cuda:0", &message);
    expect("empty cache", NOCTURNE_TORCH_OK, emptied, message);
    const auto memory = memory_figures();
    if (memory.peak_allocated != memory.allocated) fail("the peak is not measured again");
    for (auto *model : {cpu, cuda, half}) torch_api->release_model(model);
}

// CUDA keeps such an error until the process ends, so this check is last.
void check_lost_device(const char *script, const char *broken) {
    auto *cuda = load(script, NOCTURNE_TORCH_SCRIPT, "cuda:0");
    run(cuda, Batch(), NOCTURNE_TORCH_FLOAT32);
    expect_failure(broken, "a read past the end", NOCTURNE_TORCH_DEVICE_LOST);
    torch_api->release_model(cuda);
}

void check_packages(const char *script, const char *full, const char *half) {
    const Batch batch;
    auto *cpu = load(script, NOCTURNE_TORCH_SCRIPT, "cpu");
    const auto expected = run(cpu, batch, NOCTURNE_TORCH_FLOAT32);
    auto *compiled = load(full, NOCTURNE_TORCH_AOTI_PACKAGE, "cuda:0");
    compare("AOTInductor float32", run(compiled, batch, NOCTURNE_TORCH_FLOAT32), expected, 1e-3f);
    auto *coarse = load(half, NOCTURNE_TORCH_AOTI_PACKAGE, "cuda:0");
    compare("AOTInductor bfloat16", run(coarse, batch, NOCTURNE_TORCH_BFLOAT16), expected, 2e-2f);
    for (auto *model : {cpu, compiled, coarse}) torch_api->release_model(model);
}

}  // namespace

int main(int count, char **arguments) {
    if (count < 5) fail("usage: cuda-check LIBRARY script MODEL HUGE | LIBRARY lost MODEL BROKEN | LIBRARY package MODEL PACKAGE PACKAGE");
    void *library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) fail(dlerror());
    const auto open = reinterpret_cast<nocturne_torch_open_function>(dlsym(library, NOCTURNE_TORCH_SYMBOL));
    if (open == nullptr) fail(dlerror());
    torch_api = open(NOCTURNE_TORCH_ABI);
    if (torch_api == nullptr) fail("the library has another ABI number");

    bool built = false;
    int32_t devices = 0;
    char *message = nullptr;
    const auto status = torch_api->cuda(&built, &devices, &message);
    expect("ask for devices", NOCTURNE_TORCH_OK, status, message);
    std::printf("libtorch %s: built for CUDA %s, %d devices\n", torch_api->torch_version, built ? "yes" : "no", devices);
    if (!built || devices < 1) fail("there is no CUDA device");

    if (std::string(arguments[2]) == "script") {
        check_script(arguments[3], arguments[4]);
    } else if (std::string(arguments[2]) == "lost") {
        check_lost_device(arguments[3], arguments[4]);
    } else if (count == 6) {
        check_packages(arguments[3], arguments[4], arguments[5]);
    } else {
        fail("package takes three files");
    }
}
