// What Linux's libc offers beyond POSIX, which Swift's Glibc module does not show.
#pragma once

// Flushes the whole filesystem that a descriptor belongs to; reports write-back errors since Linux 5.8.
int syncfs(int descriptor);
