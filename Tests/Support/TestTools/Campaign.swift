internal import Foundation

/// The extent of the fault campaign: a selection of cases in `make test`, every case in `make faults`.
public enum Campaign {
    /// Whether this is `make faults`: `NOCTURNE_CAMPAIGN=whole`.
    public static let isWhole = ProcessInfo.processInfo.environment["NOCTURNE_CAMPAIGN"] == "whole"

    /// The call to fail after this one: the next one; in the quick form with growing steps.
    public static func call(after call: Int) -> Int { call + (isWhole ? 1 : max(1, call / 2)) }

    /// A number of cases: the first in the quick form, the second in the whole.
    public static func count(_ quick: Int, whole: Int) -> Int { isWhole ? whole : quick }
}
