internal import TestKit

/// Damages bytes like transfers, disks and attackers; the same seed damages the same bytes in the same way.
public struct Mutator {
    private var chance: SeededGenerator

    /// Starts a sequence of damages.
    public init(seed: UInt64) { chance = SeededGenerator(seed: seed) }

    /// Numbers that break header parsers: zero, one too many, a sign, all ones, the channels of a wide file.
    private static let numbers: [UInt32] = [
        0, 1, 0x7F, 0x80, 0xFF, 0x401, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0, 0xFFFF_FFFF,
    ]

    /// A damaged copy: one to four damages, half of them in the headers.
    public mutating func damaged(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &chance) {
            guard !bytes.isEmpty else { return [UInt8.random(in: 0...255, using: &chance)] }
            let reach = Bool.random(using: &chance) ? min(128, bytes.count) : bytes.count
            damage(&bytes, at: Int.random(in: 0..<reach, using: &chance))
        }
        return bytes
    }

    private mutating func damage(_ bytes: inout [UInt8], at start: Int) {
        let length = min(bytes.count - start, 1 << Int.random(in: 0...10, using: &chance))
        let range = start..<start + length
        switch Int.random(in: 0..<9, using: &chance) {
        case 0: bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &chance)
        case 1: bytes[start] = UInt8.random(in: 0...255, using: &chance)
        case 2, 3: writeNumber(&bytes, at: start)
        case 4: bytes.removeSubrange(range)
        case 5: bytes.insert(contentsOf: bytes[range], at: start)
        case 6: bytes.replaceSubrange(range, with: repeatElement(0, count: length))
        case 7: bytes.removeSubrange(start...)
        default:
            let other = Int.random(in: 0...bytes.count - length, using: &chance)
            bytes.replaceSubrange(range, with: Array(bytes[other..<other + length]))
        }
    }

    private mutating func writeNumber(_ bytes: inout [UInt8], at start: Int) {
        let number = Self.numbers[Int.random(in: 0..<Self.numbers.count, using: &chance)]
        let width = min([1, 2, 4][Int.random(in: 0..<3, using: &chance)], bytes.count - start)
        let isLittle = Bool.random(using: &chance)
        for index in 0..<width {
            let shift = UInt32(8 * (isLittle ? index : width - 1 - index))
            bytes[start + index] = UInt8(truncatingIfNeeded: number >> shift)
        }
    }
}
