internal import Glibc

/// How much of the memory available to this process is in use, measured against the nearest limit.
///
/// Several limits can end a process: the machine's memory, a control group's limit (its own or a parent's, shared with
/// other processes), and the limits set for the process (`RLIMIT_DATA`, `RLIMIT_AS`). Each counts something else, so
/// each has its own measure.
public struct MemoryGauge: Sendable {
    /// What limits the memory.
    public enum Bound: Sendable, Hashable, CustomStringConvertible {
        /// The machine's memory; counts what dropping caches would not free.
        case machine
        /// A control group's limit; counts what its processes hold, without the file pages that the kernel drops first.
        case controlGroup
        /// `RLIMIT_DATA`: private writable memory of this process.
        case dataLimit
        /// `RLIMIT_AS`: the address space of this process.
        case addressSpaceLimit
        /// A figure from the configuration; counts the resident memory of this process.
        case configured
        /// A GPU's memory, which libtorch reports; this gauge does not read it.
        case device

        /// The limit in words, for a message.
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

    /// The reading of one limit.
    public struct Reading: Sendable, Hashable {
        /// The limit.
        public let bound: Bound
        /// Bytes in use, by that limit's measure.
        public let used: Int
        /// Bytes that may be used.
        public let limit: Int
        /// The share in use, from 0.
        public var share: Double { Double(used) / Double(max(1, limit)) }

        /// Makes a reading.
        public init(bound: Bound, used: Int, limit: Int) {
            self.bound = bound
            self.used = used
            self.limit = limit
        }

        /// How many bytes are left until a share of the limit is in use; negative if it has been passed.
        public func room(until share: Double) -> Int { Int(Double(limit) * share) - used }
    }

    private let system: SystemText
    private let group: ControlGroup?
    private let configured: Int?

    /// A gauge of this process.
    ///
    /// - Parameters:
    ///   - configured: an additional limit in bytes on resident memory, if wanted.
    ///   - systemRoot: a folder that replaces the root of `/proc` and `/sys`, for tests.
    public init(configured: Int? = nil, systemRoot: String = "") {
        system = SystemText(root: systemRoot)
        group = ControlGroup.find(system)
        self.configured = configured
    }

    /// Reads all limits. This reads a few small files, which takes microseconds: cheap enough for every batch.
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

    /// The smallest limit, to which memory percentages refer; `nil` where the kernel reports none.
    public func limit() -> Int? { readings().map(\.limit).min() }

    /// The resident memory of this process in bytes; 0 where the kernel does not report it.
    public func resident() -> Int { system.kilobytes("/proc/self/status")["VmRSS"] ?? 0 }

    /// The peak resident memory of this process in bytes; 0 where the kernel does not report it.
    public func peakResident() -> Int { system.kilobytes("/proc/self/status")["VmHWM"] ?? 0 }

    private static func resourceLimit(_ kind: __rlimit_resource) -> Int? {
        var limit = rlimit()
        guard getrlimit(Int32(kind.rawValue), &limit) == 0, limit.rlim_cur < UInt(Int.max) else { return nil }
        return Int(limit.rlim_cur)
    }
}

extension [MemoryGauge.Reading] {
    /// The limit with the largest share in use; `nil` where the kernel reports none.
    public var nearest: MemoryGauge.Reading? { self.max { $0.share < $1.share } }
}
