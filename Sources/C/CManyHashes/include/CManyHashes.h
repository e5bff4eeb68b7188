// Digests of several messages at a time: one message in each lane of the processor's vector registers.
//
// MD5 and SHA-256 are chains: each step waits for the one before, and one message leaves most of a core idle. Messages do
// not wait for each other.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// A message, and where its digest goes: 16 bytes for MD5, 32 for SHA-256.
typedef struct {
    const uint8_t *bytes;
    size_t count;
    uint8_t *digest;
} nocturne_message;

/// The most lanes that this processor has: 4, 8 or 16.
size_t nocturne_hash_lanes(void);

/// MD5 (RFC 1321) of any number of messages of any length, in 4, 8 or 16 lanes, of which this processor must be capable.
void nocturne_md5_many(const nocturne_message *messages, size_t count, size_t lanes);

/// SHA-256 (FIPS 180-4) likewise.
void nocturne_sha256_many(const nocturne_message *messages, size_t count, size_t lanes);
