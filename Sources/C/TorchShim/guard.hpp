// Turns C++ exceptions into a status and a message. Nothing may leave the library as an exception: its caller is C.

#pragma once

#include <CTorch.h>

#include <c10/util/Exception.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace nocturne {

// A failure that is the model file's own.
struct BadModel : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// A copy for the caller to free; NULL when there is no memory or nothing to say.
inline char *copy_message(std::string_view text) noexcept {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
    auto *copy = static_cast<char *>(std::malloc(text.size() + 1));
    if (copy == nullptr) return nullptr;
    std::copy(text.begin(), text.end(), copy);
    copy[text.size()] = '\0';
    return copy;
}

// libtorch reports most failed host allocations as a plain c10::Error, and AOTInductor repackages even those as
// std::runtime_error: only the text tells them apart.
inline bool speaks_of_memory(std::string_view text) noexcept {
    for (std::string_view sign : {
             "can't allocate memory", "not enough memory", "out of memory", "std::bad_alloc", "bad allocation",
             "Cannot allocate memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED"}) {
        if (text.find(sign) != std::string_view::npos) return true;
    }
    return false;
}

// Runs a body and reports how it ended. `otherwise` is the status of a failure that is not about memory.
template <typename Body>
nocturne_torch_status guarded(
    char **message, Body &&body, nocturne_torch_status otherwise = NOCTURNE_TORCH_ERROR) noexcept {
    auto report = [&](nocturne_torch_status status, std::string_view text) noexcept {
        if (message != nullptr) *message = copy_message(text);
        return speaks_of_memory(text) ? NOCTURNE_TORCH_OUT_OF_MEMORY : status;
    };
    if (message != nullptr) *message = nullptr;
    try {
        body();
        return NOCTURNE_TORCH_OK;
    } catch (const c10::OutOfMemoryError &error) {
        report(NOCTURNE_TORCH_OUT_OF_MEMORY, error.what_without_backtrace());
        return NOCTURNE_TORCH_OUT_OF_MEMORY;
    } catch (const std::bad_alloc &) {
        return report(NOCTURNE_TORCH_OUT_OF_MEMORY, "std::bad_alloc");
    } catch (const c10::Error &error) {
        return report(otherwise, error.what_without_backtrace());
    } catch (const BadModel &error) {
        return report(NOCTURNE_TORCH_BAD_MODEL, error.what());
    } catch (const std::system_error &error) {
        // The machine's doing, not the model's: a full disk, a temporary folder that cannot be made.
        return report(NOCTURNE_TORCH_ERROR, error.what());
    } catch (const std::exception &error) {
        return report(otherwise, error.what());
    } catch (...) {
        return report(otherwise, "an exception of an unknown kind");
    }
}

}  // namespace nocturne
