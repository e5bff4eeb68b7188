// Version and commit, as the package manifest gives them to the compiler.
#pragma once

const char *nocturne_version(void);
const char *nocturne_commit(void);
