// Memory that only libtorch's start and the loading of a model need.

#pragma once

namespace nocturne {

// Lets go of libtorch's mapped code, which comes back page by page as it is used. Call it when a model is loaded.
void let_go_of_start_up_code();

}  // namespace nocturne
