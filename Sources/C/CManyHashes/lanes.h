// The hashes over vectors of LANES words. CManyHashes.c includes this once for each width and defines LANES, NAME(…),
// TARGET (the instructions this width may use), and LOW and HIGH, the indices that interleave the lower and the upper
// halves of two vectors.

typedef uint32_t NAME(words) __attribute__((vector_size(LANES * 4)));

#define VECTOR NAME(words)
#define ROTATE_LEFT(x, by) ((x) << (by) | (x) >> (32 - (by)))

/// Loads a block of each message and transposes: word k of all messages ends up in `columns[k]`.
TARGET static inline void NAME(load)(const uint8_t *const *from, VECTOR columns[16]) {
    for (int half = 0; half < 16; half += LANES) {
        VECTOR rows[LANES];
        for (int lane = 0; lane < LANES; lane++) memcpy(&rows[lane], from[lane] + half * 4, sizeof(VECTOR));
        // Each round of interleaving the first half of the rows with the second settles one bit of the index.
        for (int round = LANES; round > 1; round /= 2) {
            VECTOR next[LANES];
            for (int row = 0; row < LANES / 2; row++) {
                next[2 * row] = __builtin_shufflevector(rows[row], rows[row + LANES / 2], LOW);
                next[2 * row + 1] = __builtin_shufflevector(rows[row], rows[row + LANES / 2], HIGH);
            }
            memcpy(rows, next, sizeof rows);
        }
        memcpy(columns + half, rows, sizeof rows);
    }
}

#define MD5_STEP(mix, a, b, c, d, word, turn, constant)   \
    a += (mix) + block[word] + (uint32_t)(constant);      \
    a = ROTATE_LEFT(a, turn) + b;

#define MD5_FOUR(MIX, w0, w1, w2, w3, t0, t1, t2, t3, k0, k1, k2, k3) \
    MD5_STEP(MIX(b, c, d), a, b, c, d, w0, t0, k0)                    \
    MD5_STEP(MIX(a, b, c), d, a, b, c, w1, t1, k1)                    \
    MD5_STEP(MIX(d, a, b), c, d, a, b, w2, t2, k2)                    \
    MD5_STEP(MIX(c, d, a), b, c, d, a, w3, t3, k3)

#define MD5_F(x, y, z) (((y ^ z) & x) ^ z)
#define MD5_G(x, y, z) (((x ^ y) & z) ^ y)
#define MD5_H(x, y, z) (x ^ y ^ z)
#define MD5_I(x, y, z) (y ^ (x | ~z))

/// Hashes `blocks` blocks of 64 bytes of every lane into the states (RFC 1321, 3.4), and advances the pointers.
TARGET static void NAME(md5)(uint32_t state[8][MOST_LANES], const uint8_t *from[MOST_LANES], size_t blocks) {
    VECTOR a, b, c, d;
    memcpy(&a, state[0], sizeof a);
    memcpy(&b, state[1], sizeof b);
    memcpy(&c, state[2], sizeof c);
    memcpy(&d, state[3], sizeof d);
    for (; blocks > 0; blocks--) {
        VECTOR block[16];
        NAME(load)(from, block);
        const VECTOR a0 = a, b0 = b, c0 = c, d0 = d;
        MD5_FOUR(MD5_F, 0, 1, 2, 3, 7, 12, 17, 22, 0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee)
        MD5_FOUR(MD5_F, 4, 5, 6, 7, 7, 12, 17, 22, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501)
        MD5_FOUR(MD5_F, 8, 9, 10, 11, 7, 12, 17, 22, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be)
        MD5_FOUR(MD5_F, 12, 13, 14, 15, 7, 12, 17, 22, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821)
        MD5_FOUR(MD5_G, 1, 6, 11, 0, 5, 9, 14, 20, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa)
        MD5_FOUR(MD5_G, 5, 10, 15, 4, 5, 9, 14, 20, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8)
        MD5_FOUR(MD5_G, 9, 14, 3, 8, 5, 9, 14, 20, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed)
        MD5_FOUR(MD5_G, 13, 2, 7, 12, 5, 9, 14, 20, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a)
        MD5_FOUR(MD5_H, 5, 8, 11, 14, 4, 11, 16, 23, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c)
        MD5_FOUR(MD5_H, 1, 4, 7, 10, 4, 11, 16, 23, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70)
        MD5_FOUR(MD5_H, 13, 0, 3, 6, 4, 11, 16, 23, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05)
        MD5_FOUR(MD5_H, 9, 12, 15, 2, 4, 11, 16, 23, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665)
        MD5_FOUR(MD5_I, 0, 7, 14, 5, 6, 10, 15, 21, 0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039)
        MD5_FOUR(MD5_I, 12, 3, 10, 1, 6, 10, 15, 21, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1)
        MD5_FOUR(MD5_I, 8, 15, 6, 13, 6, 10, 15, 21, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1)
        MD5_FOUR(MD5_I, 4, 11, 2, 9, 6, 10, 15, 21, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391)
        a += a0, b += b0, c += c0, d += d0;
        for (int lane = 0; lane < LANES; lane++) from[lane] += 64;
    }
    memcpy(state[0], &a, sizeof a);
    memcpy(state[1], &b, sizeof b);
    memcpy(state[2], &c, sizeof c);
    memcpy(state[3], &d, sizeof d);
}

#define ROTATE_RIGHT(x, by) ROTATE_LEFT(x, 32 - (by))

/// The same for SHA-256 (FIPS 180-4, 6.2.2).
TARGET static void NAME(sha256)(uint32_t state[8][MOST_LANES], const uint8_t *from[MOST_LANES], size_t blocks) {
    VECTOR hash[8];
    for (int k = 0; k < 8; k++) memcpy(&hash[k], state[k], sizeof(VECTOR));
    for (; blocks > 0; blocks--) {
        VECTOR w[16];
        NAME(load)(from, w);
        for (int t = 0; t < 16; t++)
            w[t] = w[t] >> 24 | (w[t] >> 8 & 0xff00u) | (w[t] << 8 & 0xff0000u) | w[t] << 24;
        VECTOR a = hash[0], b = hash[1], c = hash[2], d = hash[3], e = hash[4], f = hash[5], g = hash[6], h = hash[7];
#pragma clang loop unroll(full)
        for (int t = 0; t < 64; t++) {
            VECTOR word = w[t & 15];
            if (t >= 16) {
                const VECTOR early = w[(t + 1) & 15], late = w[(t + 14) & 15];
                word += w[(t + 9) & 15] + (ROTATE_RIGHT(early, 7) ^ ROTATE_RIGHT(early, 18) ^ early >> 3)
                    + (ROTATE_RIGHT(late, 17) ^ ROTATE_RIGHT(late, 19) ^ late >> 10);
                w[t & 15] = word;
            }
            const VECTOR first = h + (ROTATE_RIGHT(e, 6) ^ ROTATE_RIGHT(e, 11) ^ ROTATE_RIGHT(e, 25))
                + (((f ^ g) & e) ^ g) + sha256_constants[t] + word;
            const VECTOR second = (ROTATE_RIGHT(a, 2) ^ ROTATE_RIGHT(a, 13) ^ ROTATE_RIGHT(a, 22))
                + ((a & b) | ((a | b) & c));
            h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
        }
        hash[0] += a, hash[1] += b, hash[2] += c, hash[3] += d, hash[4] += e, hash[5] += f, hash[6] += g, hash[7] += h;
        for (int lane = 0; lane < LANES; lane++) from[lane] += 64;
    }
    for (int k = 0; k < 8; k++) memcpy(state[k], &hash[k], sizeof(VECTOR));
}

#undef VECTOR
#undef ROTATE_LEFT
#undef ROTATE_RIGHT
#undef MD5_STEP
#undef MD5_FOUR
#undef MD5_F
#undef MD5_G
#undef MD5_H
#undef MD5_I
#undef LANES
#undef NAME
#undef TARGET
#undef LOW
#undef HIGH
