internal import Foundation

/// How far the fault campaign goes: a spread of cases within `make test`, every case within `make faults`.
public enum Campaign {
    /// Whether this is `make faults`: `NOCTURNE_CAMPAIGN=whole`.
    public static let isWhole = ProcessInfo.processInfo.environment["NOCTURNE_CAMPAIGN"] == "whole"

    /// The call to fail after this one: the next; in the quick form further and further on.
    public static func call(after call: Int) -> Int { call + (isWhole ? 1 : max(1, call / 2)) }

    /// A number of cases: the first in the quick form, the second in the whole.
    public static func count(_ quick: Int, whole: Int) -> Int { isWhole ? whole : quick }
}
