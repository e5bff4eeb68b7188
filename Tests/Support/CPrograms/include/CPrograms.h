// Functions of glibc that Swift's module does not expose.
#pragma once

/// The child closes every descriptor from this number on. The actions are a `posix_spawn_file_actions_t`.
int programs_close_from(void *actions, int first);

/// Makes a pipe whose ends are not inherited by child processes.
int programs_pipe(int ends[2]);

/// Makes a file in memory that is not inherited by child processes.
int programs_memory_file(const char *name);
