// The one symbol of libnocturne-torch.so. Callers find it with dlsym (see CTorch.h); nothing links it.

#ifndef NOCTURNE_TORCH_SHIM_H
#define NOCTURNE_TORCH_SHIM_H

#include <CTorch.h>

#ifdef __cplusplus
extern "C" {
#endif

// Returns the table of functions, or NULL if this library was built for another ABI number.
__attribute__((visibility("default"))) const nocturne_torch_api *nocturne_torch_open(uint32_t abi);

#ifdef __cplusplus
}
#endif

#endif
