// libtorch's static initialisers register some 3,500 operators, touching code all over its 325 MiB. With a model
// loaded, 63 MiB of it are mapped into the process, of which batches use 15. The rest would count as this process's
// memory to the end.

#include "start_up_code.hpp"

#include <ATen/Parallel.h>

#include <dlfcn.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

namespace {

// Read-only segments are position independent, so their pages are the file's own and nothing is lost.
int let_go_if_libtorch(dl_phdr_info *library, size_t, void *libtorch) {
    if (library->dlpi_addr != reinterpret_cast<uintptr_t>(libtorch)) return 0;
    const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
    for (int at = 0; at < library->dlpi_phnum; ++at) {
        const auto &segment = library->dlpi_phdr[at];
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
        const uintptr_t start = (library->dlpi_addr + segment.p_vaddr) / page * page;
        const uintptr_t end = library->dlpi_addr + segment.p_vaddr + segment.p_memsz;
        ::madvise(reinterpret_cast<void *>(start), end - start, MADV_DONTNEED);
    }
    return 1;
}

}  // namespace

void nocturne::let_go_of_start_up_code() {
    Dl_info libtorch;
    if (::dladdr(reinterpret_cast<const void *>(&at::get_num_threads), &libtorch) == 0) return;
    ::dl_iterate_phdr(let_go_if_libtorch, libtorch.dli_fbase);
}
