internal import CTorch
public import Fault
internal import Glibc

/// libtorch, opened at run time, so that a process that runs no model does not pay for loading it.
///
/// `libnocturne-torch.so` is Nocturne's own small library over libtorch (target `TorchShim`).
public struct TorchLibrary: @unchecked Sendable {
    // Sendable: it points at a constant in a library that is never closed, and its functions may be called from any
    // thread (the handles they make must not be shared, and the types wrapping those are not Sendable).
    let api: UnsafePointer<nocturne_torch_api>

    /// The file's name.
    public static let fileName = "libnocturne-torch.so"

    /// Opens the library at a path.
    ///
    /// - Throws: `.configuration` if the library, or one that it needs, is missing (and which), or if it was built for
    ///   another version of Nocturne.
    public static func open(_ path: String) throws(Fault) -> TorchLibrary {
        guard access(path, R_OK) == 0 else {
            throw Fault(
                .configuration,
                "cannot open \(path): \(String(cString: strerror(errno))); run `make setup build` to build it")
        }
        // Local: other libraries must not see libtorch's symbols (a whole BLAS among them). All symbols are bound now,
        // so that a libtorch of another version fails here and not in the middle of a batch.
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            let reason = dlerror().map { String(cString: $0) } ?? "dlopen gives no reason"
            throw Fault(
                .configuration,
                "cannot load \(path): \(reason); `make setup build` builds it, LIBTORCH=/path uses another libtorch"
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

    /// How long a thread that waits for the others at the end of an operator spins before it sleeps, in iterations of
    /// libgomp's loop: about a tenth of a millisecond.
    private static let waitingTurns = "2000"

    /// Makes libtorch's threads spin for a tenth of a millisecond instead of libgomp's fifteen milliseconds, unless the
    /// environment sets a time (`GOMP_SPINCOUNT`, `OMP_WAIT_POLICY`). Where processors are shared, a spinning thread
    /// keeps the one it waits for from running, which takes many times as long as the model. On an idle machine the
    /// short spin costs a few per cent; `docs/tools/infer.md` has the figures.
    ///
    /// Call it while the process has no other threads, because setting the environment is not thread-safe, and before
    /// ``open(_:)``, when libgomp reads it.
    public static func shortenWaits() {
        if getenv("OMP_WAIT_POLICY") == nil { setenv("GOMP_SPINCOUNT", waitingTurns, 0) }
    }

    /// The library's default location: beside the running executable or, once installed, in `lib/nocturne` two folders
    /// up from `libexec/nocturne`.
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

    /// libtorch's own version, for example `2.13.0`.
    public var torchVersion: String { String(cString: api.pointee.torch_version) }

    /// The devices that this libtorch can use on this machine.
    public func devices() throws(Fault) -> TorchDevices {
        var built = false
        var count: Int32 = 0
        try check("ask libtorch for its devices") { api.pointee.cuda(&built, &count, &$0) }
        return TorchDevices(isBuiltForCUDA: built, cudaDevices: Int(count))
    }

    /// Sets how many threads one operator uses, and how many operators may run in parallel.
    ///
    /// The second number can be set only once per process, before the first forward pass.
    public func setThreads(intraOp: Int, interOp: Int) throws(Fault) {
        try check("set libtorch's threads") {
            api.pointee.set_threads(Int32(clamping: intraOp), Int32(clamping: interOp), &$0)
        }
    }

    /// The number of threads one operator uses.
    public func intraOpThreads() throws(Fault) -> Int {
        var threads: Int32 = 0
        try check("ask libtorch for its threads") { api.pointee.intra_op_threads(&threads, &$0) }
        return Int(threads)
    }

    /// The memory figures of a device. For `cpu`, those of the pool that serves large tensors, with `free` and `total`
    /// 0.
    public func memory(of device: String) throws(Fault) -> TorchMemory {
        var figures = nocturne_torch_memory()
        try check("ask libtorch for the memory of \(device)") { api.pointee.device_memory(device, &figures, &$0) }
        return TorchMemory(
            allocated: Int(figures.allocated), reserved: Int(figures.reserved),
            peakAllocated: Int(figures.peak_allocated), free: Int(figures.free), total: Int(figures.total))
    }

    /// Returns a device's cached, unused memory to its driver (`cpu`: to the kernel), and restarts the peak.
    public func emptyCache(of device: String) throws(Fault) {
        try check("empty the cache of \(device)") { api.pointee.empty_cache(device, &$0) }
    }

    private func check(
        _ doing: String, _ call: (inout UnsafeMutablePointer<CChar>?) -> nocturne_torch_status
    ) throws(Fault) {
        if let error = failure(call) { throw Fault(.defect, "cannot \(doing)", cause: error) }
    }

    /// Makes a call and turns its status and message into an error; `nil` if it succeeded.
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

/// The devices a libtorch can use.
public struct TorchDevices: Sendable, Hashable {
    /// Whether this libtorch was built for CUDA.
    public let isBuiltForCUDA: Bool
    /// The number of CUDA devices it sees.
    public let cudaDevices: Int
}

/// The memory figures of a device, in bytes.
public struct TorchMemory: Sendable, Hashable {
    /// In live tensors.
    public let allocated: Int
    /// Reserved for tensors: both live and cached.
    public let reserved: Int
    /// The peak of live tensors since the cache was last emptied.
    public let peakAllocated: Int
    /// Free on the device.
    public let free: Int
    /// The device's total.
    public let total: Int
}

/// Why a call to libtorch failed.
public enum TorchError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Not enough memory, on the host or the device. The model stays usable: try a smaller batch.
    case outOfMemory(String)
    /// The model's file is damaged or unsuitable; no input will make it work.
    case badModel(String)
    /// The device failed, and nothing runs on it any more in this process; another process may be able to use it.
    case deviceLost(String)
    /// This call failed; another input may work.
    case failed(String)

    /// libtorch's message, in one line.
    public var description: String {
        let text =
            switch self {
            case .outOfMemory(let text), .badModel(let text), .deviceLost(let text), .failed(let text): text
            }
        let lines = text.split(separator: "\n")
        // TorchScript first says where in the model it failed, and ends with the message; other messages come first and
        // are followed by a stack trace.
        let isTraceback = lines.contains { $0.hasPrefix("Traceback of TorchScript") }
        return (isTraceback ? lines.last : lines.first).map(String.init) ?? "libtorch gives no reason"
    }
}
