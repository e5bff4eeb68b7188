// A target needs a source file; CTorch is all in its header.
#include "CTorch.h"
