#include "package.hpp"

#include "guard.hpp"

#include <caffe2/serialize/inline_container.h>

#include <cerrno>
#include <fstream>
#include <mutex>
#include <set>
#include <system_error>
#include <vector>

namespace nocturne {

namespace fs = std::filesystem;

PrivateFolder::PrivateFolder(const fs::path &parent) {
    std::string name = ((parent.empty() ? fs::temp_directory_path() : parent) / "nocturne-model-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw std::system_error(errno, std::generic_category(), "cannot make a temporary folder " + name);
    }
    path_ = name;
}

PrivateFolder::~PrivateFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

namespace {

// Where a package keeps its models: data/aotinductor/NAME/...
constexpr std::string_view models_prefix = "data/aotinductor/";

// A record's name becomes a path, so it must not lead out of the folder.
bool is_safe(const fs::path &name) {
    if (name.is_absolute()) return false;
    for (const auto &component : name) {
        if (component == ".." || component.empty()) return false;
    }
    return true;
}

void write_record(
    caffe2::serialize::PyTorchStreamReader &archive, const std::string &record, const fs::path &destination) {
    fs::create_directories(destination.parent_path());
    std::ofstream file(destination, std::ios::binary | std::ios::trunc);
    // In pieces, because a package's weights may be as large as the free memory.
    const size_t size = archive.getRecordSize(record);
    std::vector<char> piece(std::min<size_t>(size, 8u << 20));
    auto pieces = archive.createChunkReaderIter(record, size, piece.size());
    size_t written = 0;
    while (written < size) {
        const size_t count = pieces.next(piece.data());
        if (count == 0) break;
        file.write(piece.data(), static_cast<std::streamsize>(count));
        written += count;
    }
    file.close();
    if (!file) {
        throw std::system_error(errno, std::generic_category(), "cannot unpack the model into " + destination.string());
    }
    if (written != size) throw BadModel("the package ends in the middle of " + record);
}

// Unpacks the package's one model and returns its name.
std::string unpack(const std::string &path, const fs::path &folder) {
    caffe2::serialize::PyTorchStreamReader archive(path);
    std::set<std::string> models;
    for (const std::string &record : archive.getAllRecords()) {
        if (!is_safe(record)) throw BadModel("the package holds a file of an unsafe name, " + record);
        if (record.starts_with(models_prefix)) {
            const std::string rest = record.substr(models_prefix.size());
            if (const size_t slash = rest.find('/'); slash != std::string::npos) models.insert(rest.substr(0, slash));
        }
        write_record(archive, record, folder / record);
    }
    if (models.size() != 1) {
        throw BadModel(
            "the package holds " + std::to_string(models.size()) + " AOTInductor models, expected one");
    }
    return *models.begin();
}

}  // namespace

LoadedPackage load_package(const std::string &path, const fs::path &scratch, c10::Device device) {
    // Constructing two loaders at once races inside libtorch.
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);

    LoadedPackage package;
    package.folder = std::make_unique<PrivateFolder>(scratch);
    const std::string name = unpack(path, package.folder->path());
    const std::string device_key = device.is_cuda() ? "cuda" : "cpu";
    const auto built_for = torch::inductor::AOTIModelPackageLoader::load_metadata_from_package(path, name);
    if (const auto found = built_for.find("AOTI_DEVICE_KEY"); found != built_for.end() && found->second != device_key) {
        throw BadModel("the package was compiled for " + found->second + ", not for " + device_key);
    }
    package.loader = std::make_unique<torch::inductor::AOTIModelPackageLoader>(
        package.folder->path().string(), name, /*run_single_threaded=*/true, /*num_runners=*/1,
        device.is_cuda() ? device.index() : c10::DeviceIndex{-1});
    // On the CPU everything is mapped by now, so the folder can go at once, and a killed process leaves none behind.
    // CUDA kernels may still be loaded on first use.
    if (!device.is_cuda()) package.folder.reset();
    return package;
}

}  // namespace nocturne
