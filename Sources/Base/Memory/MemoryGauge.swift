internal import Glibc

/// How much of the memory that this process may use is in use, by whichever bound is nearest.
///
/// A process meets its end at the first of several bounds: the machine's memory, a control group's limit (its own or one
/// above it, shared with other processes), and the limits set for the process (`RLIMIT_DATA`, `RLIMIT_AS`). Each counts
/// something else, so each is read by its own measure.
public struct MemoryGauge: Sendable {
    /// What bounds the memory.
    public enum Bound: Sendable, Hashable, CustomStringConvertible {
        /// The machine's memory; in use is what could not be had back by dropping caches.
        case machine
        /// A control group's limit; in use is what its processes hold, without file pages that are dropped first.
        case controlGroup
        /// `RLIMIT_DATA`: private writable memory of this process.
        case dataLimit
        /// `RLIMIT_AS`: the address space of this process.
        case addressSpaceLimit
        /// A figure from the configuration; in use is what is resident of this process.
        case configured
        /// A GPU's memory, which no gauge of this process reads; libtorch tells.
        case device

        /// The bound in words, for a message.
        public var description: String {
            switch self {
            case .machine: "the machine's memory"
            case .controlGroup: "the control group's limit"
            case .dataLimit: "the process's data limit (RLIMIT_DATA)"
            case .addressSpaceLimit: "the process's address space limit (RLIMIT_AS)"
            case .configured: "the configured limit"
            case .device: "the device's memory"
            }
        }
    }

    /// One bound, read now.
    public struct Reading: Sendable, Hashable {
        /// What bounds.
        public let bound: Bound
        /// Bytes in use by the bound's measure.
        public let used: Int
        /// Bytes that may be in use.
        public let limit: Int
        /// The share in use, from 0.
        public var share: Double { Double(used) / Double(max(1, limit)) }

        /// Puts a reading together.
        public init(bound: Bound, used: Int, limit: Int) {
            self.bound = bound
            self.used = used
            self.limit = limit
        }

        /// How many bytes are left until a share of the limit is in use; negative when it is passed already.
        public func room(until share: Double) -> Int { Int(Double(limit) * share) - used }
    }

    private let system: SystemText
    private let group: ControlGroup?
    private let configured: Int?

    /// A gauge of this process.
    ///
    /// - Parameters:
    ///   - configured: a further bound in bytes on what is resident, if one is wanted.
    ///   - systemRoot: stands before `/proc` and `/sys`: a test's own files.
    public init(configured: Int? = nil, systemRoot: String = "") {
        system = SystemText(root: systemRoot)
        group = ControlGroup.find(system)
        self.configured = configured
    }

    /// All bounds that there are, read now. A few small files are read: microseconds, fit for every batch.
    public func readings() -> [Reading] {
        var found: [Reading] = []
        let machine = system.kilobytes("/proc/meminfo")
        if let total = machine["MemTotal"], let available = machine["MemAvailable"] {
            found.append(Reading(bound: .machine, used: total - available, limit: total))
        }
        if let group {
            for folder in group.folders {
                if let limit = group.limit(of: folder, system), let used = group.used(in: folder, system) {
                    found.append(Reading(bound: .controlGroup, used: used, limit: limit))
                }
            }
        }
        let own = system.kilobytes("/proc/self/status")
        if let limit = Self.resourceLimit(RLIMIT_DATA), let used = own["VmData"] {
            found.append(Reading(bound: .dataLimit, used: used, limit: limit))
        }
        if let limit = Self.resourceLimit(RLIMIT_AS), let used = own["VmSize"] {
            found.append(Reading(bound: .addressSpaceLimit, used: used, limit: limit))
        }
        if let configured, let resident = own["VmRSS"] {
            found.append(Reading(bound: .configured, used: resident, limit: configured))
        }
        return found
    }

    /// The smallest limit: what percentages of memory are of. `nil` where the kernel tells nothing.
    public func limit() -> Int? { readings().map(\.limit).min() }

    /// Bytes of this process that are resident now; 0 where the kernel does not say.
    public func resident() -> Int { system.kilobytes("/proc/self/status")["VmRSS"] ?? 0 }

    /// The most bytes of this process that were ever resident at once; 0 where the kernel does not say.
    public func peakResident() -> Int { system.kilobytes("/proc/self/status")["VmHWM"] ?? 0 }

    private static func resourceLimit(_ kind: __rlimit_resource) -> Int? {
        var limit = rlimit()
        guard getrlimit(Int32(kind.rawValue), &limit) == 0, limit.rlim_cur < UInt(Int.max) else { return nil }
        return Int(limit.rlim_cur)
    }
}

extension [MemoryGauge.Reading] {
    /// The bound with the largest share in use; `nil` where the kernel tells nothing.
    public var nearest: MemoryGauge.Reading? { self.max { $0.share < $1.share } }
}
