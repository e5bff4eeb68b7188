#define _GNU_SOURCE
#include "CPrograms.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <unistd.h>

int programs_close_from(void *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int programs_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int programs_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }
