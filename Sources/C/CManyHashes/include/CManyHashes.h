// Digests of several messages at a time: one message in each lane of the processor's vector registers.
//
// MD5 and SHA-256 are chains: each step waits for the previous one, so a single message leaves most of a core idle.
// Separate messages do not wait for each other.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// A message, and where its digest goes: 16 bytes for MD5, 32 for SHA-256.
typedef struct {
    const uint8_t *bytes;
    size_t count;
    uint8_t *digest;
} nocturne_message;

/// The number of lanes of this processor: 4, 8 or 16.
size_t nocturne_hash_lanes(void);

/// MD5 (RFC 1321) of any number of messages of any length, in 4, 8 or 16 lanes, which this processor must support.
void nocturne_md5_many(const nocturne_message *messages, size_t count, size_t lanes);

/// The same for SHA-256 (FIPS 180-4).
void nocturne_sha256_many(const nocturne_message *messages, size_t count, size_t lanes);
