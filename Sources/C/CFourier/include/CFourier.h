// The inner loops of the Fourier transform, for eight frames side by side.
//
// In C, because C can compile a loop for several register widths and choose one at run time. The transform's
// definition, tables and tests are in Swift (Signal/PowerSpectrum.swift). Frames, spectra and intermediate results are
// arrays of SIMD8<Float>: one number of each of eight frames. A complex number is two of them, real parts and imaginary
// parts.
#pragma once

/// One pass of a Stockham transform: `stride` interleaved transforms of length radix * butterflies become `radix` times as
/// many of length `butterflies`, in natural order.
///
/// Output k of butterfly p is root(p·k) · Σ_j input_j · exp(−2πi·j·k/radix). See C. Van Loan, "Computational Frameworks for
/// the FFT" (1992), section 1.7.
struct nocturne_fourier_pass {
    long radix; // 2, 3, 4 or 5
    long butterflies;
    long stride;
    const void *_Nonnull roots; // root(p·k) for k = 1 … radix − 1, of each p in turn: a float real part, a float imaginary part
};

/// The loops, compiled for one register width. All give the same bits: each frame goes through the same operations in
/// the same order, and no multiplication is fused with an addition.
struct nocturne_fourier_kernel {
    /// Runs a pass from `x` to `y`, which do not overlap.
    void (*_Nonnull pass)(const struct nocturne_fourier_pass *_Nonnull pass, const void *_Nonnull x, void *_Nonnull y);
    /// Computes 4·|X[k]|² of the 2·half samples for k = 0 … half from the transform z of `half` (even sample, odd
    /// sample) pairs: X[k] = E[k] + roots[k]·O[k], with roots[k] = exp(−πik/half) for k = 0 … half/2.
    void (*_Nonnull power)(const void *_Nonnull z, long half, const void *_Nonnull roots, void *_Nonnull power);
};

/// For every machine: registers of four floats, as in SSE2 and NEON.
extern const struct nocturne_fourier_kernel nocturne_fourier_baseline;

/// For AVX2 registers of eight floats; NULL if the processor has none.
const struct nocturne_fourier_kernel *_Nullable nocturne_fourier_avx2(void);
