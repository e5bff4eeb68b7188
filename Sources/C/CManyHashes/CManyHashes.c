#include "CManyHashes.h"

#include <stdbool.h>
#include <string.h>

enum { MOST_LANES = 16 };

static const uint32_t sha256_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

#define LANES 4
#define NAME(what) what##_4
#define TARGET
#define LOW 0, 4, 1, 5
#define HIGH 2, 6, 3, 7
#include "lanes.h"

#if defined(__x86_64__)
#define LANES 8
#define NAME(what) what##_8
#define TARGET __attribute__((target("avx2")))
#define LOW 0, 8, 1, 9, 2, 10, 3, 11
#define HIGH 4, 12, 5, 13, 6, 14, 7, 15
#include "lanes.h"

#define LANES 16
#define NAME(what) what##_16
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl")))
#define LOW 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#include "lanes.h"
#endif

typedef void take_blocks(uint32_t state[8][MOST_LANES], const uint8_t *from[MOST_LANES], size_t blocks);

typedef struct {
    const uint32_t *start;
    int words;
    bool big_endian;
    take_blocks *take;
} algorithm;

size_t nocturne_hash_lanes(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) return 16;
    if (__builtin_cpu_supports("avx2")) return 8;
#endif
    return 4;
}

/// The one or two blocks that end a message: its last bytes, a 1 bit, zeros, and its length in bits.
typedef struct {
    uint8_t bytes[128];
    size_t blocks;
} ending;

static void end_message(ending *end, const nocturne_message *message, bool big_endian) {
    const size_t left = message->count % 64;
    memset(end->bytes, 0, sizeof end->bytes);
    if (left > 0) memcpy(end->bytes, message->bytes + message->count - left, left);
    end->bytes[left] = 0x80;
    end->blocks = left < 56 ? 1 : 2;
    const uint64_t bits = (uint64_t)message->count * 8;
    for (int k = 0; k < 8; k++) end->bytes[end->blocks * 64 - 8 + k] = (uint8_t)(bits >> 8 * (big_endian ? 7 - k : k));
}

/// What a lane is working on.
typedef struct {
    const nocturne_message *message;
    ending end;
    /// Blocks left in the current run: first the message's own, then its ending.
    size_t blocks;
    bool is_ending;
} lane;

static void hash_many(const algorithm *hash, size_t width, const nocturne_message *messages, size_t count) {
    uint32_t state[8][MOST_LANES];
    const uint8_t *from[MOST_LANES];
    lane lanes[MOST_LANES] = {{0}};
    size_t next = 0;
    while (true) {
        // A lane that has finished its blocks gets its ending, then the next message.
        size_t busy = 0, run = SIZE_MAX;
        for (size_t k = 0; k < width; k++) {
            lane *lane = &lanes[k];
            while (lane->blocks == 0) {
                if (lane->message && !lane->is_ending) {
                    lane->is_ending = true;
                    lane->blocks = lane->end.blocks;
                    from[k] = lane->end.bytes;
                    continue;
                }
                if (lane->message) {
                    for (int word = 0; word < hash->words; word++)
                        for (int byte = 0; byte < 4; byte++)
                            lane->message->digest[word * 4 + byte] =
                                (uint8_t)(state[word][k] >> 8 * (hash->big_endian ? 3 - byte : byte));
                    lane->message = NULL;
                }
                if (next == count) break;
                lane->message = &messages[next++];
                end_message(&lane->end, lane->message, hash->big_endian);
                lane->is_ending = false;
                lane->blocks = lane->message->count / 64;
                from[k] = lane->message->bytes;
                for (int word = 0; word < hash->words; word++) state[word][k] = hash->start[word];
            }
            if (lane->message) {
                busy = k + 1;
                if (lane->blocks < run) run = lane->blocks;
            }
        }
        if (busy == 0) return;
        // An empty lane reads the same data as a busy one; its result is not used.
        for (size_t k = 0; k < width; k++)
            if (!lanes[k].message) from[k] = from[busy - 1];
        hash->take(state, from, run);
        for (size_t k = 0; k < width; k++)
            if (lanes[k].message) lanes[k].blocks -= run;
    }
}

void nocturne_md5_many(const nocturne_message *messages, size_t count, size_t lanes) {
    static const uint32_t start[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    algorithm md5 = {start, 4, false, md5_4};
#if defined(__x86_64__)
    if (lanes == 8) md5.take = md5_8;
    if (lanes == 16) md5.take = md5_16;
#endif
    hash_many(&md5, lanes, messages, count);
}

void nocturne_sha256_many(const nocturne_message *messages, size_t count, size_t lanes) {
    static const uint32_t start[8] = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    algorithm sha256 = {start, 8, true, sha256_4};
#if defined(__x86_64__)
    if (lanes == 8) sha256.take = sha256_8;
    if (lanes == 16) sha256.take = sha256_16;
#endif
    hash_many(&sha256, lanes, messages, count);
}
