// A plain C interface to the parts of libtorch that Nocturne uses.
//
// The implementation is libnocturne-torch.so (target TorchShim). It is opened with dlopen, never linked, so that a run
// with nothing to infer does not pay for loading libtorch. It exports one symbol, `nocturne_torch_open`, which returns
// the table of functions below.
//
// Every function that can fail returns a status and, through its last parameter, a message that the caller frees with
// `free_message`. There is no global or thread-local error state. The message of a failed call may be NULL, if memory
// ran out.
//
// Handles are not thread-safe: one per worker.

#ifndef NOCTURNE_CTORCH_H
#define NOCTURNE_CTORCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Changes with the layout or the meaning of anything in this header.
#define NOCTURNE_TORCH_ABI 5

// The exported symbol of libnocturne-torch.so.
#define NOCTURNE_TORCH_SYMBOL "nocturne_torch_open"

typedef enum nocturne_torch_status {
    NOCTURNE_TORCH_OK = 0,
    // The call failed for a reason of its own: unusual input, a missing device.
    NOCTURNE_TORCH_ERROR = 1,
    // There was not enough memory, on the host or on the device. The model stays usable.
    NOCTURNE_TORCH_OUT_OF_MEMORY = 2,
    // The model's file is damaged or unsuitable; no input will make it work.
    NOCTURNE_TORCH_BAD_MODEL = 3,
    // The device failed in a way that CUDA remembers for the life of the process: a failed assertion in a kernel, a
    // read past the end, a lost GPU. Nothing runs on it any more in this process; another process may be able to use
    // it.
    NOCTURNE_TORCH_DEVICE_LOST = 4,
} nocturne_torch_status;

typedef enum nocturne_torch_format {
    // TorchScript, as written by torch.jit.save.
    NOCTURNE_TORCH_SCRIPT = 0,
    // An AOTInductor package, as written by torch._inductor.aoti_compile_and_package.
    NOCTURNE_TORCH_AOTI_PACKAGE = 1,
} nocturne_torch_format;

typedef enum nocturne_torch_type {
    NOCTURNE_TORCH_FLOAT32 = 0,
    NOCTURNE_TORCH_BFLOAT16 = 1,
} nocturne_torch_type;

// A loaded model.
typedef struct nocturne_torch_model nocturne_torch_model;
// The result of one forward pass.
typedef struct nocturne_torch_outputs nocturne_torch_outputs;

typedef struct nocturne_torch_load_options {
    const char *path;
    nocturne_torch_format format;
    // "cpu", "cuda" or "cuda:N".
    const char *device;
    // The type a TorchScript module's parameters are converted to. An AOTInductor package keeps its own.
    nocturne_torch_type precision;
    // Where an AOTInductor package is unpacked, in a private folder that is removed again; NULL for $TMPDIR or else
    // /tmp.
    const char *scratch_folder;
} nocturne_torch_load_options;

typedef struct nocturne_torch_input {
    // float32, contiguous, row-major; borrowed during the call.
    const float *values;
    // The shape; the first dimension is the batch.
    const int64_t *shape;
    int32_t rank;
    // The type to which the values are converted before the model sees them.
    nocturne_torch_type type;
    // int64 [batch], or NULL for a model without lengths; borrowed during the call.
    const int64_t *lengths;
} nocturne_torch_input;

typedef struct nocturne_torch_tensor {
    // float32 on the CPU, contiguous, row-major; owned by its outputs.
    const float *values;
    int64_t count;
    const int64_t *shape;
    int32_t rank;
} nocturne_torch_tensor;

typedef struct nocturne_torch_memory {
    // Bytes in live tensors, bytes reserved for tensors, and the peak of the first since the cache was last emptied.
    int64_t allocated;
    int64_t reserved;
    int64_t peak_allocated;
    // Free bytes and total bytes of the device; 0 for "cpu".
    int64_t free;
    int64_t total;
} nocturne_torch_memory;

typedef struct nocturne_torch_api {
    // For example "2.13.0"; static.
    const char *torch_version;

    void (*free_message)(char *message);

    // Whether this libtorch was built for CUDA, and how many CUDA devices it sees.
    nocturne_torch_status (*cuda)(bool *built, int32_t *devices, char **message);

    // The threads of one operator, and the threads that run operators in parallel; 0 leaves a number unchanged. The
    // second can be set only once, before the first operator has run.
    nocturne_torch_status (*set_threads)(int32_t intra_op, int32_t inter_op, char **message);
    // How many threads one operator uses.
    nocturne_torch_status (*intra_op_threads)(int32_t *threads, char **message);

    nocturne_torch_status (*load)(
        const nocturne_torch_load_options *options, nocturne_torch_model **model, char **message);
    // NULL is allowed.
    void (*release_model)(nocturne_torch_model *model);

    // One forward pass in inference mode. The outputs are the tensor that the model returned, or the tensors of its
    // tuple, list or dictionary, in order.
    nocturne_torch_status (*forward)(
        nocturne_torch_model *model, const nocturne_torch_input *input, nocturne_torch_outputs **outputs,
        char **message);
    int32_t (*output_count)(const nocturne_torch_outputs *outputs);
    // `at` must be below output_count.
    nocturne_torch_tensor (*output)(const nocturne_torch_outputs *outputs, int32_t at);
    // The key in the model's dictionary, or the field of its named tuple; NULL if the model names nothing. Owned by the
    // outputs.
    const char *(*output_name)(const nocturne_torch_outputs *outputs, int32_t at);
    // NULL is allowed.
    void (*release_outputs)(nocturne_torch_outputs *outputs);

    // The figures of a device's caching allocator. For "cpu", those of the pool that serves large tensors, and zeros
    // for the machine's memory.
    nocturne_torch_status (*device_memory)(const char *device, nocturne_torch_memory *memory, char **message);
    // Returns a device's cached, unused memory to its driver ("cpu": to the kernel), and restarts the peak of live
    // tensors.
    nocturne_torch_status (*empty_cache)(const char *device, char **message);
} nocturne_torch_api;

// The type of the exported symbol: returns the table, or NULL if the library was built for another ABI number.
typedef const nocturne_torch_api *(*nocturne_torch_open_function)(uint32_t abi);

#ifdef __cplusplus
}
#endif

#endif
