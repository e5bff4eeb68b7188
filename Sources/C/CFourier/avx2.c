#include "CFourier.h"

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define REGISTER 8
#include "kernel.h"
#pragma clang attribute pop

static const struct nocturne_fourier_kernel avx2 = {run_pass, power_spectrum};

const struct nocturne_fourier_kernel *nocturne_fourier_avx2(void) {
    return __builtin_cpu_supports("avx2") ? &avx2 : 0;
}

#else

const struct nocturne_fourier_kernel *nocturne_fourier_avx2(void) { return 0; }

#endif
