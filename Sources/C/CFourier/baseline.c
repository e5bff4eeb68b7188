#define REGISTER 4
#include "kernel.h"

const struct nocturne_fourier_kernel nocturne_fourier_baseline = {run_pass, power_spectrum};
