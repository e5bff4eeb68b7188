#include "model.hpp"

#include "guard.hpp"

#include <c10/core/InferenceMode.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/cuda.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <iostream>
#include <mutex>
#include <span>

using nocturne::BadModel;

namespace {

at::ScalarType scalar_type(nocturne_torch_type type) {
    return type == NOCTURNE_TORCH_BFLOAT16 ? at::kBFloat16 : at::kFloat;
}

// "cuda" means the first device; everywhere else the device has a number.
c10::Device device_named(const char *name) {
    c10::Device device(name);
    if (device.is_cuda() && !device.has_index()) device.set_index(0);
    if (device.is_cuda() && device.index() >= static_cast<int>(::torch::cuda::device_count())) {
        throw std::runtime_error("there is no device " + device.str());
    }
    return device;
}

torch::jit::Module load_script(const nocturne_torch_load_options &options, c10::Device device) {
    torch::jit::Module module = torch::jit::load(options.path, device);
    module.eval();
    if (options.precision == NOCTURNE_TORCH_BFLOAT16) module.to(at::kBFloat16);
    return module;
}

// Freezing inlines the methods that `forward` calls, then deletes them. The inlined operators keep bare pointers to
// them, which libtorch follows when an operator fails and it reports the location (seen in 2.13: the process dies). So
// rewrite the call stacks: the same places in the source, in the name of `forward`, which lives as long as they do.
void repair_call_stacks(torch::jit::Block *block, torch::jit::Function *forward) {
    for (torch::jit::Node *node : block->nodes()) {
        for (torch::jit::Block *inner : node->blocks()) repair_call_stacks(inner, forward);
        if (!node->callstack()) continue;
        const std::vector<torch::jit::InlinedCallStackEntry> calls = (*node->callstack())->vec();
        torch::jit::InlinedCallStackPtr stack;
        for (auto call = calls.rbegin(); call != calls.rend(); ++call) {
            const torch::jit::SourceRange &place = std::get<1>(*call);
            stack = stack ? c10::make_intrusive<torch::jit::InlinedCallStack>(stack, forward, place)
                          : c10::make_intrusive<torch::jit::InlinedCallStack>(forward, place);
        }
        if (stack) node->setCallStack(stack);
    }
}

// Folds the parameters into the graph (such as batch normalisation into convolutions). A module that was exported
// frozen has no "training" attribute left and is used as it is.
torch::jit::Module frozen(const torch::jit::Module &module) {
    if (!module.hasattr("training")) return module;
    torch::jit::Module frozen = torch::jit::freeze(module);
    const torch::jit::Method forward = frozen.get_method("forward");
    repair_call_stacks(forward.graph()->block(), &forward.function());
    return frozen;
}

// Adds an entry of what a module returned, which must be a tensor.
void add(nocturne_torch_outputs &outputs, const c10::IValue &element, const std::string &what) {
    if (!element.isTensor()) throw BadModel("the model returns " + what + " that holds a " + element.tagKind() + ", expected tensors");
    outputs.tensors.push_back(element.toTensor());
}

// What a TorchScript module returned: a tensor, or a tuple, list or dictionary of tensors. Dictionaries and named tuples name
// them.
nocturne_torch_outputs outputs_of(const c10::IValue &value) {
    nocturne_torch_outputs outputs;
    if (value.isTensor()) {
        outputs.tensors = {value.toTensor()};
    } else if (value.isTensorList()) {
        outputs.tensors = value.toTensorVector();
    } else if (value.isTuple()) {
        const c10::ivalue::Tuple &tuple = value.toTupleRef();
        for (const c10::IValue &element : tuple.elements()) add(outputs, element, "a tuple");
        if (const auto &schema = tuple.type()->schema()) {
            for (const c10::Argument &field : schema->arguments()) outputs.names.push_back(field.name());
        }
    } else if (value.isGenericDict()) {
        for (const auto &entry : value.toGenericDict()) {
            if (!entry.key().isString()) throw BadModel("the model returns a dictionary whose keys are not strings");
            add(outputs, entry.value(), "a dictionary");
            outputs.names.push_back(entry.key().toStringRef());
        }
    } else {
        throw BadModel(
            "the model returns a " + value.tagKind() + ", expected a tensor or a tuple, list or dictionary of tensors");
    }
    return outputs;
}

// Compiled packages print every error to std::cerr before throwing it. The error is reported through our own log, where
// a line that is not JSON would break readers that expect JSON; so discard std::cerr while a package runs.
class QuietStandardError {
public:
    QuietStandardError() : lock_(one_at_a_time_), usual_(std::cerr.rdbuf(nullptr)) {}
    ~QuietStandardError() {
        std::cerr.rdbuf(usual_);
        std::cerr.clear();
    }
    QuietStandardError(const QuietStandardError &) = delete;
    QuietStandardError &operator=(const QuietStandardError &) = delete;

private:
    static inline std::mutex one_at_a_time_;
    std::lock_guard<std::mutex> lock_;
    std::streambuf *usual_;
};

}  // namespace

nocturne_torch_model::nocturne_torch_model(const nocturne_torch_load_options &options)
    : device_(device_named(options.device)) {
    const c10::InferenceMode no_gradients;
    if (options.format == NOCTURNE_TORCH_SCRIPT) {
        script_ = frozen(load_script(options, device_));
    } else {
        package_ = nocturne::load_package(
            options.path, options.scratch_folder != nullptr ? options.scratch_folder : "", device_);
    }
}

nocturne_torch_outputs nocturne_torch_model::forward(const nocturne_torch_input &input) {
    const c10::InferenceMode no_gradients;
    const std::span shape(input.shape, static_cast<size_t>(input.rank));
    if (shape.empty()) throw std::runtime_error("an input needs a batch dimension");
    // The caller's memory is used in place; libtorch has no type for a read-only tensor.
    const at::Tensor borrowed =
        torch::from_blob(const_cast<float *>(input.values), at::IntArrayRef(shape.data(), shape.size()), at::kFloat);
    const at::Tensor values = borrowed.to(device_, scalar_type(input.type));
    std::optional<at::Tensor> lengths;
    if (input.lengths != nullptr) {
        lengths = torch::from_blob(const_cast<int64_t *>(input.lengths), {shape.front()}, at::kLong).to(device_);
    }
    nocturne_torch_outputs outputs = script_ ? run_script(values, lengths) : run_package(values, lengths);
    for (at::Tensor &result : outputs.tensors) {
        result = result.to(at::kCPU, at::kFloat).contiguous();
        // A model may return its input; the caller's memory must not be in the outputs.
        if (result.storage().data() == borrowed.storage().data()) result = result.clone();
    }
    return outputs;
}

bool nocturne_torch_model::device_answers() const noexcept {
    if (!device_.is_cuda()) return true;
    // Every later call reports a lasting error again; none reports a passing one.
    try {
        c10::impl::VirtualGuardImpl(device_.type()).synchronizeDevice(device_.index());
        return true;
    } catch (...) {
        return false;
    }
}

nocturne_torch_outputs nocturne_torch_model::run_script(
    const at::Tensor &values, const std::optional<at::Tensor> &lengths) {
    // The profiling executor recompiles a graph after it has seen its shapes: the first batches would be computed by
    // different code from the later ones, and a resumed run would differ from an uninterrupted one.
    const torch::jit::GraphOptimizerEnabledGuard as_frozen(false);
    std::vector<c10::IValue> arguments{values};
    if (lengths) arguments.emplace_back(*lengths);
    return outputs_of(script_->forward(std::move(arguments)));
}

nocturne_torch_outputs nocturne_torch_model::run_package(
    const at::Tensor &values, const std::optional<at::Tensor> &lengths) {
    std::vector<at::Tensor> arguments{values};
    if (lengths) arguments.push_back(*lengths);
    const QuietStandardError quiet;
    return {package_.loader->run(arguments), {}};
}
