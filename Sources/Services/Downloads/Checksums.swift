internal import Digests

/// A reflected cyclic redundancy check, of the kinds that object stores send.
package struct CRC {
    private let table: [UInt64]
    private let mask: UInt64
    private var state: UInt64
    private let width: Int

    /// CRC-32 of ISO 3309, as in zip.
    package static let crc32 = CRC(width: 32, polynomial: 0xEDB8_8320)
    /// CRC-32C (Castagnoli), RFC 3720.
    package static let crc32c = CRC(width: 32, polynomial: 0x82F6_3B78)
    /// CRC-64/NVME, which AWS computes over whole objects by default.
    package static let crc64nvme = CRC(width: 64, polynomial: 0x9A6C_9329_AC4B_C9B5)

    private init(width: Int, polynomial: UInt64) {
        self.width = width
        mask = width == 64 ? .max : (1 << UInt64(width)) - 1
        state = mask
        // Slicing by eight: table k holds what a byte becomes after k more zero bytes, so that eight bytes take eight
        // look-ups that do not depend on each other.
        var table = [UInt64](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var value = UInt64(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1 }
            table[byte] = value
        }
        for slice in 1..<8 {
            for byte in 0..<256 {
                let before = table[(slice - 1) * 256 + byte]
                table[slice * 256 + byte] = before >> 8 ^ table[Int(before & 0xFF)]
            }
        }
        self.table = table
    }

    /// Adds bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        state = table.withUnsafeBufferPointer { table in
            var state = state
            var at = 0
            while at + 8 <= bytes.count {
                let word = state ^ UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
                var next = table[7 * 256 + Int(word & 0xFF)]
                next ^= table[6 * 256 + Int(word >> 8 & 0xFF)]
                next ^= table[5 * 256 + Int(word >> 16 & 0xFF)]
                next ^= table[4 * 256 + Int(word >> 24 & 0xFF)]
                next ^= table[3 * 256 + Int(word >> 32 & 0xFF)]
                next ^= table[2 * 256 + Int(word >> 40 & 0xFF)]
                next ^= table[1 * 256 + Int(word >> 48 & 0xFF)]
                next ^= table[Int(word >> 56)]
                state = next
                at += 8
            }
            while at < bytes.count {
                state = table[Int((state ^ UInt64(bytes[at])) & 0xFF)] ^ state >> 8
                at += 1
            }
            return state
        }
    }

    /// The checksum's bytes, most significant first, as in headers.
    package var bytes: [UInt8] {
        let value = (state ^ mask) & mask
        return (0..<width / 8).reversed().map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }
}

/// A kind of checksum that a store may announce.
enum ChecksumKind: String, Sendable, CaseIterable {
    case md5
    case sha1
    case sha256
    case crc32
    case crc32c
    case crc64nvme
}

/// A checksum that a store or a listing announces for an object.
struct ExpectedChecksum: Sendable, Equatable {
    let kind: ChecksumKind
    let bytes: [UInt8]
    /// Its source, for `verifiedBy` and messages: `etag-md5`, `content-md5`, `crc32c`, …
    let name: String
}

/// Computes any number of checksums in one pass.
struct RunningChecksums: ~Copyable {
    private var sha256: SHA256?
    private var md5: MD5?
    private var sha1: SHA1?
    private var checks: [(kind: ChecksumKind, crc: CRC)] = []

    init(_ kinds: Set<ChecksumKind>) {
        if kinds.contains(.sha256) { sha256 = SHA256() }
        if kinds.contains(.md5) { md5 = MD5() }
        if kinds.contains(.sha1) { sha1 = SHA1() }
        if kinds.contains(.crc32) { checks.append((.crc32, .crc32)) }
        if kinds.contains(.crc32c) { checks.append((.crc32c, .crc32c)) }
        if kinds.contains(.crc64nvme) { checks.append((.crc64nvme, .crc64nvme)) }
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        sha256?.update(bytes)
        md5?.update(bytes)
        sha1?.update(bytes)
        for index in checks.indices { checks[index].crc.update(bytes) }
    }

    /// The bytes of every requested checksum.
    mutating func finish() -> [ChecksumKind: [UInt8]] {
        var found: [ChecksumKind: [UInt8]] = [:]
        if let digest = sha256.take()?.finish() { found[.sha256] = hexBytes(digest.hex) }
        if let digest = md5.take()?.finish() { found[.md5] = digest }
        if let digest = sha1.take()?.finish() { found[.sha1] = digest }
        for check in checks { found[check.kind] = check.crc.bytes }
        return found
    }

    /// The checksums of several messages in memory: the same as one by one, but faster.
    static func of(
        _ messages: [UnsafeRawBufferPointer], _ kinds: [Set<ChecksumKind>]
    ) -> [[ChecksumKind: [UInt8]]] {
        var found = zip(messages, kinds).map { message, kinds in
            var sums = RunningChecksums(kinds.subtracting([.sha256, .md5]))
            sums.update(message)
            return sums.finish()
        }
        func put(_ kind: ChecksumKind, _ digests: ([UnsafeRawBufferPointer]) -> [[UInt8]]) {
            let wanted = messages.indices.filter { kinds[$0].contains(kind) }
            for (place, digest) in zip(wanted, digests(wanted.map { messages[$0] })) { found[place][kind] = digest }
        }
        put(.sha256) { SideBySide.sha256(of: $0) }
        put(.md5) { SideBySide.md5(of: $0) }
        return found
    }
}

/// The bytes written by hex digits of either case.
package func hexBytes(_ text: String) -> [UInt8]? {
    guard text.utf8.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    var high: UInt8?
    for digit in text.utf8 {
        guard let value = Character(Unicode.Scalar(digit)).hexDigitValue.map(UInt8.init) else { return nil }
        if let first = high {
            bytes.append(first << 4 | value)
            high = nil
        } else {
            high = value
        }
    }
    return bytes
}

/// The bytes written in Base64 (RFC 4648, with padding).
package func base64Bytes(_ text: String) -> [UInt8]? {
    let digits = text.utf8.prefix { $0 != UInt8(ascii: "=") }
    guard text.utf8.count.isMultiple(of: 4), text.utf8.count - digits.count <= 2,
        text.utf8.dropFirst(digits.count).allSatisfy({ $0 == UInt8(ascii: "=") })
    else { return nil }
    var bytes: [UInt8] = []
    var (bits, count): (UInt32, Int) = (0, 0)
    for digit in digits {
        let value: UInt8
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = digit - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): value = digit - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): value = 62
        case UInt8(ascii: "/"): value = 63
        default: return nil
        }
        bits = bits << 6 | UInt32(value)
        count += 6
        if count >= 8 {
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
    }
    return bytes
}
