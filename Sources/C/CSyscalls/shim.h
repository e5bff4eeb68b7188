// Functions of Linux's libc beyond POSIX, which Swift's Glibc module does not expose.
#pragma once

#include <malloc.h>
#include <sys/prctl.h>

// Flushes the whole filesystem of a descriptor; reports write-back errors since Linux 5.8.
int syncfs(int descriptor);

// With the flag below: starts writing a range of a file to disk, without waiting.
int sync_file_range(int descriptor, long offset, long count, unsigned int flags);
static const unsigned int nocturne_sync_file_range_write = 2; // SYNC_FILE_RANGE_WRITE

// Makes a file in memory, which needs no disk.
int memfd_create(const char *name, unsigned int flags);
static const unsigned int nocturne_memfd_cloexec = 1; // MFD_CLOEXEC

// Returns the pages of freed blocks to the kernel.
int malloc_trim(unsigned long pad);

// Disables core files of this process and leaves its memory to root alone (prctl is variadic, which Swift cannot call).
static inline int nocturne_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
