internal import Foundation

/// Random numbers that are the same for the same seed (SplitMix64: Steele, Lea and Flood, 2014).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The seed of all random choices of this test run; `NOCTURNE_SEED` repeats a run that failed.
    public static let seed: UInt64 = {
        let given = ProcessInfo.processInfo.environment["NOCTURNE_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 1...99_999)
        print("this run's chance: NOCTURNE_SEED=\(seed)")
        return seed
    }()

    /// Starts a sequence.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// The next number from 0 up to, but not including, a bound.
    public mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
