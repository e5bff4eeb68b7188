// One loaded model, TorchScript or AOTInductor, and one forward pass.

#pragma once

#include "package.hpp"

#include <CTorch.h>

#include <torch/script.h>

#include <optional>
#include <string>
#include <vector>

// The tensors of one forward pass, copied to the CPU as float32.
struct nocturne_torch_outputs {
    std::vector<at::Tensor> tensors;
    // As many as there are tensors, if the model names them; otherwise none.
    std::vector<std::string> names;
};

struct nocturne_torch_model {
    explicit nocturne_torch_model(const nocturne_torch_load_options &options);

    nocturne_torch_outputs forward(const nocturne_torch_input &input);

    // Whether the device still works; to be asked when a forward pass has failed.
    bool device_answers() const noexcept;

private:
    nocturne_torch_outputs run_script(const at::Tensor &values, const std::optional<at::Tensor> &lengths);
    nocturne_torch_outputs run_package(const at::Tensor &values, const std::optional<at::Tensor> &lengths);

    c10::Device device_;
    std::optional<torch::jit::Module> script_;
    nocturne::LoadedPackage package_;
};
