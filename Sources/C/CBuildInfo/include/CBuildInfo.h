// Version and commit, passed to the compiler by the package manifest.
#pragma once

const char *nocturne_version(void);
const char *nocturne_commit(void);
