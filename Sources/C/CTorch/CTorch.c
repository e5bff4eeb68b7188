// A target needs a source file; everything CTorch has to say is in its header.
#include "CTorch.h"
