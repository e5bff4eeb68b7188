// AOTInductor packages: unpacking and loading.

#pragma once

#include <c10/core/Device.h>
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>

#include <filesystem>
#include <memory>
#include <string>

namespace nocturne {

// A folder that only this process can read, removed with everything in it.
class PrivateFolder {
public:
    // Makes it in `parent`, or in the system's temporary folder if that is empty.
    explicit PrivateFolder(const std::filesystem::path &parent);
    ~PrivateFolder();
    PrivateFolder(const PrivateFolder &) = delete;
    PrivateFolder &operator=(const PrivateFolder &) = delete;

    const std::filesystem::path &path() const { return path_; }

private:
    std::filesystem::path path_;
};

// A loaded package. The folder must outlive the loader, hence the order of the members.
struct LoadedPackage {
    std::unique_ptr<PrivateFolder> folder;
    std::unique_ptr<torch::inductor::AOTIModelPackageLoader> loader;
};

// Unpacks and loads the one model of a package for a device.
LoadedPackage load_package(const std::string &path, const std::filesystem::path &scratch, c10::Device device);

}  // namespace nocturne
