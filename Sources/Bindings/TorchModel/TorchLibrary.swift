internal import CTorch
public import Fault
internal import Glibc

/// libtorch, opened at run time: whoever does not run a model does not pay for loading it.
///
/// `libnocturne-torch.so` is the house's own small library over libtorch (target `TorchShim`).
public struct TorchLibrary: @unchecked Sendable {
    // Sendable: it points at a constant in a library that is never closed, and the functions in it may be called from
    // any thread (the handles they make may not be shared, and the types over those are not Sendable).
    let api: UnsafePointer<nocturne_torch_api>

    /// The file's name, wherever it is installed.
    public static let fileName = "libnocturne-torch.so"

    /// Opens the library at a path.
    ///
    /// - Throws: `.configuration` when the library or a library it needs is missing, naming it, or when it was built
    ///   for another version of Nocturne.
    public static func open(_ path: String) throws(Fault) -> TorchLibrary {
        guard access(path, R_OK) == 0 else {
            throw Fault(
                .configuration,
                "cannot open \(path): \(String(cString: strerror(errno))); `make setup build` makes it")
        }
        // Local: libtorch's symbols (a whole BLAS among them) must not be found by other libraries. Every symbol is
        // bound now, so that a libtorch of another version fails here and not in the middle of a batch.
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            let reason = dlerror().map { String(cString: $0) } ?? "dlopen gives no reason"
            throw Fault(
                .configuration,
                "cannot load \(path): \(reason); `make setup build` makes it with a libtorch, LIBTORCH=/path with another"
            )
        }
        guard let symbol = dlsym(handle, NOCTURNE_TORCH_SYMBOL) else {
            throw Fault(.configuration, "\(path) is not Nocturne's libtorch library: it lacks \(NOCTURNE_TORCH_SYMBOL)")
        }
        let openTable = unsafeBitCast(symbol, to: nocturne_torch_open_function.self)
        guard let api = openTable(UInt32(NOCTURNE_TORCH_ABI)) else {
            throw Fault(.configuration, "\(path) was built for another version of Nocturne; run `make build`")
        }
        return TorchLibrary(api: api)
    }

    /// How long a thread that waits for the others at the end of an operator keeps its processor busy before it sleeps, in
    /// turns of libgomp's loop: a millisecond or so.
    private static let waitingTurns = "20000"

    /// Has libtorch's threads wait for each other for a millisecond instead of libgomp's fifteen, unless the environment says how
    /// long (`GOMP_SPINCOUNT`, `OMP_WAIT_POLICY`). For a process that shares its processors: a thread that waits there keeps the one
    /// it waits for from running. On an idle machine it costs a few per cent.
    ///
    /// To be called while the process has no other threads, for which the environment is not made, and before ``open(_:)``,
    /// with which libgomp reads it.
    public static func shortenWaits() {
        if getenv("OMP_WAIT_POLICY") == nil { setenv("GOMP_SPINCOUNT", waitingTurns, 0) }
    }

    /// Where the library stands by default: beside the running executable, or, once installed, in `lib/nocturne`
    /// two folders up from `libexec/nocturne`.
    public static func besideExecutable() -> String {
        let room = Int(PATH_MAX)
        var buffer = [CChar](repeating: 0, count: room)
        let count = readlink("/proc/self/exe", &buffer, room)
        let executable = String(decoding: buffer.prefix(max(count, 0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        let folder = executable.lastIndex(of: "/").map { String(executable[..<$0]) } ?? "."
        let beside = "\(folder)/\(fileName)"
        let installed = "\(folder)/../../lib/nocturne/\(fileName)"
        return access(beside, R_OK) != 0 && access(installed, R_OK) == 0 ? installed : beside
    }

    /// libtorch's own version, `2.13.0` for instance.
    public var torchVersion: String { String(cString: api.pointee.torch_version) }

    /// What this libtorch can run on, here.
    public func devices() throws(Fault) -> TorchDevices {
        var built = false
        var count: Int32 = 0
        try check("ask libtorch for its devices") { api.pointee.cuda(&built, &count, &$0) }
        return TorchDevices(isBuiltForCUDA: built, cudaDevices: Int(count))
    }

    /// Sets how many threads one operator uses, and how many operators may run side by side.
    ///
    /// The second number can be set once in a process, and only before the first forward pass.
    public func setThreads(intraOp: Int, interOp: Int) throws(Fault) {
        try check("set libtorch's threads") {
            api.pointee.set_threads(Int32(clamping: intraOp), Int32(clamping: interOp), &$0)
        }
    }

    /// How many threads one operator uses.
    public func intraOpThreads() throws(Fault) -> Int {
        var threads: Int32 = 0
        try check("ask libtorch for its threads") { api.pointee.intra_op_threads(&threads, &$0) }
        return Int(threads)
    }

    /// The figures of a device's memory. For `cpu` those of the pool that large tensors are taken from; `free` and `total`
    /// are 0 there.
    public func memory(of device: String) throws(Fault) -> TorchMemory {
        var figures = nocturne_torch_memory()
        try check("ask libtorch for the memory of \(device)") { api.pointee.device_memory(device, &figures, &$0) }
        return TorchMemory(
            allocated: Int(figures.allocated), reserved: Int(figures.reserved),
            peakAllocated: Int(figures.peak_allocated), free: Int(figures.free), total: Int(figures.total))
    }

    /// Gives memory of a device that is only kept for tensors to come back to the driver, for `cpu` to the kernel, and
    /// begins a new measure of the peak.
    public func emptyCache(of device: String) throws(Fault) {
        try check("empty the cache of \(device)") { api.pointee.empty_cache(device, &$0) }
    }

    private func check(
        _ doing: String, _ call: (inout UnsafeMutablePointer<CChar>?) -> nocturne_torch_status
    ) throws(Fault) {
        if let error = failure(call) { throw Fault(.defect, "cannot \(doing)", cause: error) }
    }

    /// Makes a call and turns its status and message into an error; `nil` when all went well.
    func failure(_ call: (inout UnsafeMutablePointer<CChar>?) -> nocturne_torch_status) -> TorchError? {
        var message: UnsafeMutablePointer<CChar>?
        let status = call(&message)
        defer { if let message { api.pointee.free_message(message) } }
        let text = message.map { String(cString: $0) } ?? "libtorch gives no reason"
        return switch status {
        case NOCTURNE_TORCH_OK: nil
        case NOCTURNE_TORCH_OUT_OF_MEMORY: .outOfMemory(text)
        case NOCTURNE_TORCH_BAD_MODEL: .badModel(text)
        case NOCTURNE_TORCH_DEVICE_LOST: .deviceLost(text)
        default: .failed(text)
        }
    }
}

/// What a libtorch can run on.
public struct TorchDevices: Sendable, Hashable {
    /// Whether this libtorch holds CUDA code.
    public let isBuiltForCUDA: Bool
    /// How many CUDA devices it sees.
    public let cudaDevices: Int
}

/// The figures of a device's memory, in bytes.
public struct TorchMemory: Sendable, Hashable {
    /// In live tensors.
    public let allocated: Int
    /// Held for tensors: what is in live ones, and what is kept for those to come.
    public let reserved: Int
    /// The most in live tensors since the cache was last emptied.
    public let peakAllocated: Int
    /// Of the device, held by nobody.
    public let free: Int
    /// Of the device, in all.
    public let total: Int
}

/// Why libtorch did not do what it was asked.
public enum TorchError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Not enough memory, on the host or the device. The model stays usable: try a smaller batch.
    case outOfMemory(String)
    /// The model's file is not what it should be; no input will make it work.
    case badModel(String)
    /// The device has failed, and nothing runs on it any more in this process; another process may find it well.
    case deviceLost(String)
    /// This call failed; another input may work.
    case failed(String)

    /// What libtorch said, in one line.
    public var description: String {
        let text =
            switch self {
            case .outOfMemory(let text), .badModel(let text), .deviceLost(let text), .failed(let text): text
            }
        let lines = text.split(separator: "\n")
        // TorchScript tells where in the model it happened, and what happened last of all; others begin with it and go
        // on with a stack trace of their own.
        let isTraceback = lines.contains { $0.hasPrefix("Traceback of TorchScript") }
        return (isTraceback ? lines.last : lines.first).map(String.init) ?? "libtorch gives no reason"
    }
}
