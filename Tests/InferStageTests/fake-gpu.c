// libnocturne-torch.so without libtorch, with a simulated GPU: its memory and its failures are set when it is compiled.
// A model's scores are its item's first number and two zeros.

#include <CTorch.h>

#include <stdlib.h>
#include <string.h>

#ifndef DEVICES
#define DEVICES 1
#endif
// The memory that another process uses of the device's 1000 MiB.
#ifndef OTHERS
#define OTHERS 0
#endif
// Memory that counts as free but is not contiguous.
#ifndef SCATTERED
#define SCATTERED 0
#endif
// The memory of a frame of a batch, padding included.
#ifndef KIB_PER_FRAME
#define KIB_PER_FRAME 1024
#endif
// The result of loading on the device.
#ifndef LOADING
#define LOADING NOCTURNE_TORCH_OK
#endif

static const int64_t total = 1000 << 20, others = (int64_t)OTHERS << 20, scattered = (int64_t)SCATTERED << 20;
static const int64_t model_bytes = 100 << 20;
static int64_t allocated, reserved, peak;
static bool is_lost;

struct nocturne_torch_model {
    bool is_on_gpu;
};

struct nocturne_torch_outputs {
    int64_t shape[2];
    float values[];
};

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

static nocturne_torch_status say(char **message, nocturne_torch_status status, const char *text) {
    *message = strdup(text);
    return status;
}

static void free_message(char *message) { free(message); }

static nocturne_torch_status cuda(bool *built, int32_t *devices, char **message) {
    (void)message;
    *built = true;
    *devices = DEVICES;
    return NOCTURNE_TORCH_OK;
}

static nocturne_torch_status set_threads(int32_t intra_op, int32_t inter_op, char **message) {
    (void)intra_op, (void)inter_op, (void)message;
    return NOCTURNE_TORCH_OK;
}

static nocturne_torch_status intra_op_threads(int32_t *threads, char **message) {
    (void)message;
    *threads = 1;
    return NOCTURNE_TORCH_OK;
}

static nocturne_torch_status load(
    const nocturne_torch_load_options *options, nocturne_torch_model **model, char **message) {
    const bool is_on_gpu = strcmp(options->device, "cpu") != 0;
    if (is_on_gpu && LOADING != NOCTURNE_TORCH_OK) return say(message, LOADING, "cannot be loaded here");
    *model = malloc(sizeof **model);
    (*model)->is_on_gpu = is_on_gpu;
    if (is_on_gpu) allocated += model_bytes;
    // Loading keeps the parameters twice for a while.
    peak = reserved = larger(peak, 2 * allocated);
    return NOCTURNE_TORCH_OK;
}

static void release_model(nocturne_torch_model *model) {
    if (model->is_on_gpu) allocated -= model_bytes;
    free(model);
}

static nocturne_torch_status forward(
    nocturne_torch_model *model, const nocturne_torch_input *input, nocturne_torch_outputs **outputs, char **message) {
    const int64_t rows = input->shape[0], numbers = input->shape[1] * input->shape[2];
    for (int64_t at = 0; at < rows * numbers; ++at) {
        if (input->values[at] != 666) continue;
        if (!model->is_on_gpu) return say(message, NOCTURNE_TORCH_ERROR, "index out of range");
        is_lost = true;
    }
    if (model->is_on_gpu && is_lost) {
        return say(message, NOCTURNE_TORCH_DEVICE_LOST, "CUDA error: device-side assert triggered\nand advice");
    }
    if (model->is_on_gpu) {
        const int64_t bytes = rows * input->shape[1] * KIB_PER_FRAME << 10, room = total - others - scattered - allocated;
        peak = larger(peak, allocated + (bytes < room ? bytes : room));
        reserved = larger(reserved, peak);
        if (bytes > room) return say(message, NOCTURNE_TORCH_OUT_OF_MEMORY, "CUDA out of memory. Tried to allocate");
    }
    *outputs = calloc(1, sizeof **outputs + 3 * rows * sizeof(float));
    (*outputs)->shape[0] = rows;
    (*outputs)->shape[1] = 3;
    for (int64_t row = 0; row < rows; ++row) (*outputs)->values[3 * row] = input->values[row * numbers];
    return NOCTURNE_TORCH_OK;
}

static int32_t output_count(const nocturne_torch_outputs *outputs) {
    (void)outputs;
    return 1;
}

static nocturne_torch_tensor output(const nocturne_torch_outputs *outputs, int32_t at) {
    (void)at;
    return (nocturne_torch_tensor){
        .values = outputs->values, .count = 3 * outputs->shape[0], .shape = outputs->shape, .rank = 2};
}

static const char *output_name(const nocturne_torch_outputs *outputs, int32_t at) {
    (void)outputs, (void)at;
    return NULL;
}

static void release_outputs(nocturne_torch_outputs *outputs) { free(outputs); }

static nocturne_torch_status device_memory(const char *device, nocturne_torch_memory *memory, char **message) {
    (void)device, (void)message;
    *memory = (nocturne_torch_memory){
        .allocated = allocated, .reserved = reserved, .peak_allocated = peak, .free = total - others - reserved,
        .total = total};
    return NOCTURNE_TORCH_OK;
}

static nocturne_torch_status empty_cache(const char *device, char **message) {
    (void)message;
    if (strcmp(device, "cpu") != 0) peak = reserved = allocated;
    return NOCTURNE_TORCH_OK;
}

static const nocturne_torch_api api = {
    "0.0.0", free_message, cuda, set_threads, intra_op_threads, load, release_model, forward, output_count, output,
    output_name, release_outputs, device_memory, empty_cache};

const nocturne_torch_api *nocturne_torch_open(uint32_t abi) { return abi == NOCTURNE_TORCH_ABI ? &api : NULL; }
