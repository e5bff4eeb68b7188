#include "CBuildInfo.h"

const char *nocturne_version(void) { return NOCTURNE_VERSION; }
const char *nocturne_commit(void) { return NOCTURNE_COMMIT; }
