// What Linux's libc offers beyond POSIX, which Swift's Glibc module does not show.
#pragma once

#include <malloc.h>
#include <sys/prctl.h>

// Flushes the whole filesystem that a descriptor belongs to; reports write-back errors since Linux 5.8.
int syncfs(int descriptor);

// With the flag below: has the kernel begin to write a range of a file to the disk, without waiting for it.
int sync_file_range(int descriptor, long offset, long count, unsigned int flags);
static const unsigned int nocturne_sync_file_range_write = 2; // SYNC_FILE_RANGE_WRITE

// Has malloc give the pages of freed blocks back to the kernel.
int malloc_trim(unsigned long pad);

// Leaves no core file of this process, and its memory to root alone (prctl is variadic, which Swift cannot call).
static inline int nocturne_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
