// Where tensors on the CPU get their memory.

#pragma once

#include <cstddef>

namespace nocturne {

// Makes libtorch take the memory of CPU tensors from a pool that keeps freed blocks for the next operator. Before the
// first tensor is made; again is harmless.
void use_tensor_pool();

// Gives what no tensor uses back to the kernel, and begins a new measure of how much is worth keeping.
void empty_tensor_pool();

// Bytes of blocks. Large tensors alone: small ones are malloc's.
struct TensorPoolFigures {
    // In use by tensors.
    size_t used;
    // The same and what is kept: never more than half as much again as `most_used`.
    size_t held;
    // The most that was in use at once since the pool was last emptied.
    size_t most_used;
};

TensorPoolFigures tensor_pool_figures();

}  // namespace nocturne
