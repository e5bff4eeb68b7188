// The loops themselves, for registers of REGISTER floats (4 or 8), which the including file defines.
#include "CFourier.h"

// A fused multiplication would round differently from machines without one.
#pragma STDC FP_CONTRACT OFF

enum { FRAMES = 8 };

// Aligned as Swift aligns any SIMD8.
typedef float Register __attribute__((vector_size(REGISTER * sizeof(float)), aligned(16)));

typedef struct {
    Register re, im;
} Complex;

static inline Complex load(const float *x, long index) {
    const float *at = x + 2 * FRAMES * index;
    return (Complex){*(const Register *)at, *(const Register *)(at + FRAMES)};
}

static inline void store(float *y, long index, Complex value) {
    float *at = y + 2 * FRAMES * index;
    *(Register *)at = value.re;
    *(Register *)(at + FRAMES) = value.im;
}

static inline Complex add(Complex a, Complex b) { return (Complex){a.re + b.re, a.im + b.im}; }
static inline Complex subtract(Complex a, Complex b) { return (Complex){a.re - b.re, a.im - b.im}; }
static inline Complex scaled(Complex a, float factor) { return (Complex){a.re * factor, a.im * factor}; }
static inline Complex times_minus_i(Complex a) { return (Complex){a.im, -a.re}; }

// The roots of butterfly 0 are all 1, so nothing is multiplied.
#define NO_ROOTS ((const float *)0)

// Multiplied by the k-th root, counted from 1.
static inline Complex turned(Complex a, const float *roots, long k) {
    if (roots == NO_ROOTS) return a;
    float re = roots[2 * k - 2], im = roots[2 * k - 1];
    return (Complex){a.re * re - a.im * im, a.re * im + a.im * re};
}

static inline void radix2(const float *x, long step, float *y, long stride, const float *roots) {
    Complex a = load(x, 0), b = load(x, step);
    store(y, 0, add(a, b));
    store(y, stride, turned(subtract(a, b), roots, 1));
}

static inline void radix3(const float *x, long step, float *y, long stride, const float *roots) {
    Complex a = load(x, 0), b = load(x, step), c = load(x, 2 * step);
    Complex sum = add(b, c);
    Complex even = subtract(a, scaled(sum, 0.5f));
    Complex odd = times_minus_i(scaled(subtract(b, c), 0.8660254f)); // √3/2
    store(y, 0, add(a, sum));
    store(y, stride, turned(add(even, odd), roots, 1));
    store(y, 2 * stride, turned(subtract(even, odd), roots, 2));
}

static inline void radix4(const float *x, long step, float *y, long stride, const float *roots) {
    Complex a = load(x, 0), b = load(x, step), c = load(x, 2 * step), d = load(x, 3 * step);
    Complex ac_sum = add(a, c), ac_difference = subtract(a, c);
    Complex bd_sum = add(b, d), bd_turned = times_minus_i(subtract(b, d));
    store(y, 0, add(ac_sum, bd_sum));
    store(y, stride, turned(add(ac_difference, bd_turned), roots, 1));
    store(y, 2 * stride, turned(subtract(ac_sum, bd_sum), roots, 2));
    store(y, 3 * stride, turned(subtract(ac_difference, bd_turned), roots, 3));
}

static inline void radix5(const float *x, long step, float *y, long stride, const float *roots) {
    const float cosine1 = 0.309017f, cosine2 = -0.809017f; // cos 72°, cos 144°
    const float sine1 = 0.9510565f, sine2 = 0.58778525f;   // sin 72°, sin 144°
    Complex a = load(x, 0), b = load(x, step), c = load(x, 2 * step), d = load(x, 3 * step), e = load(x, 4 * step);
    Complex be_sum = add(b, e), cd_sum = add(c, d), be_difference = subtract(b, e), cd_difference = subtract(c, d);
    Complex even1 = add(add(a, scaled(be_sum, cosine1)), scaled(cd_sum, cosine2));
    Complex even2 = add(add(a, scaled(be_sum, cosine2)), scaled(cd_sum, cosine1));
    Complex odd1 = times_minus_i(add(scaled(be_difference, sine1), scaled(cd_difference, sine2)));
    Complex odd2 = times_minus_i(subtract(scaled(be_difference, sine2), scaled(cd_difference, sine1)));
    store(y, 0, add(add(a, be_sum), cd_sum));
    store(y, stride, turned(add(even1, odd1), roots, 1));
    store(y, 2 * stride, turned(add(even2, odd2), roots, 2));
    store(y, 3 * stride, turned(subtract(even2, odd2), roots, 3));
    store(y, 4 * stride, turned(subtract(even1, odd1), roots, 4));
}

// Butterfly P of each of the interleaved transforms.
#define BUTTERFLIES(RADIX, P, ROOTS)                                                                                    \
    for (long q = 0; q < stride; q++)                                                                                  \
        radix##RADIX(x + 2 * FRAMES * (stride * (P) + q), step, y + 2 * FRAMES * (RADIX * stride * (P) + q), stride, ROOTS);

#define PASS(RADIX)                                                                                                    \
    case RADIX:                                                                                                        \
        BUTTERFLIES(RADIX, 0, NO_ROOTS)                                                                                \
        for (long p = 1; p < pass->butterflies; p++) { BUTTERFLIES(RADIX, p, roots + 2 * (RADIX - 1) * p) }            \
        break;

static void run_pass(const struct nocturne_fourier_pass *pass, const void *from, void *to) {
    const long stride = pass->stride, step = stride * pass->butterflies;
    const float *x = from, *roots = pass->roots;
    float *y = to;
    for (long frame = 0; frame < FRAMES; frame += REGISTER, x += REGISTER, y += REGISTER) {
        switch (pass->radix) {
            PASS(2)
            PASS(3)
            PASS(4)
            PASS(5)
        }
    }
}

static void power_spectrum(const void *transform, long half, const void *roots, void *into) {
    const float *z = transform;
    float *power = into;
    for (long frame = 0; frame < FRAMES; frame += REGISTER, z += REGISTER, power += REGISTER) {
        Complex zero = load(z, 0);
        Register sum = (zero.re + zero.im) * 2, difference = (zero.re - zero.im) * 2;
        *(Register *)power = sum * sum;
        *(Register *)(power + FRAMES * half) = difference * difference;
        for (long k = 1; k <= half / 2; k++) {
            Complex a = load(z, k), b = load(z, half - k);
            Complex even = {a.re + b.re, a.im - b.im};
            Complex odd = turned((Complex){a.im + b.im, b.re - a.re}, (const float *)roots + 2 * k, 1);
            Complex low = add(even, odd), high = subtract(even, odd);
            *(Register *)(power + FRAMES * k) = low.re * low.re + low.im * low.im;
            *(Register *)(power + FRAMES * (half - k)) = high.re * high.re + high.im * high.im;
        }
    }
}
