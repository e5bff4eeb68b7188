// A pool of blocks for tensors on the CPU.
//
// Why not malloc: a network's intermediate results are megabytes each, and come and go with every operator. By default
// malloc returns them to the kernel, which zeroes and maps every page again for the next operator (seen: 4 million page
// faults and a third of the time for 500 recordings). Set to keep them, it fragments: libtorch asks for aligned memory,
// glibc before 2.38 does not find a freed aligned block of exactly the right size again, and small lasting allocations,
// such as oneDNN's cached kernels, settle in the holes (seen: 83 MiB more after each thousand batches).
//
// Here each large tensor has its own mapping. A freed mapping is kept and serves the next tensor that fills at least
// half of it. All blocks together never exceed one and a half times the peak of those in use: before the pool maps
// more, it unmaps the blocks freed longest ago. So memory is flat whatever lengths arrive. The extra half is for blocks
// of other sizes than the next batch needs: without it, 500 recordings took 2.3 million page faults instead of 0.15,
// and a quarter more time. Huge pages are not requested: where memory is full of files, the kernel moves pages to make
// one at each fault (seen: six times the time, in the kernel).

#include "tensor_pool.hpp"

#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <c10/util/Exception.h>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <new>
#include <system_error>
#include <vector>

namespace {

// Precedes a tensor's values. As long as libtorch's alignment, so that the values keep it.
struct alignas(c10::gAlignment) Header {
    // Bytes of the block including this header; 0 if malloc allocated it.
    size_t size;
};

// Smaller tensors are left to malloc: they cost few page faults, and a mapping is whole pages.
constexpr size_t least_pooled = 256 << 10;

class TensorPool final : public c10::Allocator {
public:
    c10::DataPtr allocate(size_t bytes) override {
        void *values = bytes == 0 ? nullptr : block(bytes) + 1;
        return {values, values, &release, c10::Device(c10::DeviceType::CPU)};
    }

    c10::DeleterFnPtr raw_deleter() const override { return &release; }

    void copy_data(void *to, const void *from, size_t bytes) const override { default_copy_data(to, from, bytes); }

    // Restarts the peak at what is in use now.
    void empty() {
        const std::lock_guard lock(mutex_);
        unmap_kept(0);
        most_used_ = used_;
    }

    nocturne::TensorPoolFigures figures() {
        const std::lock_guard lock(mutex_);
        return {.used = used_, .held = used_ + kept_bytes_, .most_used = most_used_};
    }

    // Never destroyed: tensors in static variables are freed when the process ends, in an unknown order.
    static TensorPool &instance() {
        static auto &pool = *new TensorPool;
        return pool;
    }

private:
    static Header *block(size_t bytes) {
        if (bytes < least_pooled) {
            auto *small = static_cast<Header *>(c10::alloc_cpu(sizeof(Header) + bytes));
            small->size = 0;
            return small;
        }
        return instance().take(bytes);
    }

    static void release(void *values) {
        if (values == nullptr) return;
        Header *block = static_cast<Header *>(values) - 1;
        if (block->size == 0) {
            c10::free_cpu(block);
        } else {
            instance().keep(block);
        }
    }

    Header *take(size_t bytes) {
        static const size_t page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
        size_t size;
        // No sum below may overflow; nothing that large can be mapped anyway.
        if (__builtin_add_overflow(bytes, sizeof(Header) + page - 1, &size) || size > PTRDIFF_MAX) fail(bytes, ENOMEM);
        size -= size % page;

        const std::lock_guard lock(mutex_);
        Header *found = take_kept(size);
        if (found == nullptr) {
            unmap_kept(std::max(most_used_ + most_used_ / 2, used_ + size) - size);
            found = map(size);
            // The kept blocks are not needed, but memory may be scarce because of another process or a limit.
            if (found == nullptr && !kept_.empty()) {
                unmap_kept(0);
                found = map(size);
            }
            if (found == nullptr) fail(bytes, errno);
        }
        used_ += found->size;
        most_used_ = std::max(most_used_, used_);
        return found;
    }

    // The smallest kept block of at least `size` and at most twice that; among equal ones the last freed, which may
    // still be in the processor's cache.
    Header *take_kept(size_t size) {
        auto best = kept_.end();
        for (auto each = kept_.begin(); each != kept_.end(); ++each) {
            if ((*each)->size < size || (*each)->size / 2 > size) continue;
            if (best == kept_.end() || (*each)->size <= (*best)->size) best = each;
        }
        if (best == kept_.end()) return nullptr;
        Header *block = *best;
        kept_.erase(best);
        kept_bytes_ -= block->size;
        return block;
    }

    void keep(Header *block) {
        const std::lock_guard lock(mutex_);
        used_ -= block->size;
        try {
            kept_.push_back(block);
            kept_bytes_ += block->size;
        } catch (const std::bad_alloc &) {
            ::munmap(block, block->size);
        }
    }

    // Unmaps the blocks freed first, until used and kept blocks have at most so many bytes together.
    void unmap_kept(size_t most) {
        auto first = kept_.begin();
        while (first != kept_.end() && used_ + kept_bytes_ > most) {
            kept_bytes_ -= (*first)->size;
            ::munmap(*first, (*first)->size);
            ++first;
        }
        kept_.erase(kept_.begin(), first);
    }

    static Header *map(size_t size) {
        void *start = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (start == MAP_FAILED) return nullptr;
        auto *block = static_cast<Header *>(start);
        block->size = size;
        return block;
    }

    // Worded like libtorch's own allocator: a wrapper of the error keeps only its text.
    [[noreturn]] static void fail(size_t bytes, int error) {
        TORCH_CHECK_WITH(
            OutOfMemoryError, false, "can't allocate memory: ", bytes, " bytes for a tensor (",
            std::generic_category().message(error), ")");
        __builtin_unreachable();
    }

    std::mutex mutex_;
    // In the order in which they were freed.
    std::vector<Header *> kept_;
    size_t kept_bytes_ = 0;
    size_t used_ = 0;
    size_t most_used_ = 0;
};

}  // namespace

void nocturne::use_tensor_pool() { c10::SetCPUAllocator(&TensorPool::instance(), /*priority=*/1); }

void nocturne::empty_tensor_pool() { TensorPool::instance().empty(); }

nocturne::TensorPoolFigures nocturne::tensor_pool_figures() { return TensorPool::instance().figures(); }
