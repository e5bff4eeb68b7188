internal import CManyHashes

/// Digests of several messages at a time, one in each lane of the vector registers: the same digests as ``MD5`` and
/// ``SHA256``, in a fraction of the time if there are many short messages. (A single chain of steps leaves most of a
/// core idle; independent messages fill it: Gueron and Krasnov, "Simultaneous hashing of multiple messages", 2012.)
public enum SideBySide {
    /// How many messages this processor hashes at a time: 4, 8 or 16.
    public static let lanes = nocturne_hash_lanes()

    /// The MD5 of each message, 16 bytes.
    public static func md5(of messages: [UnsafeRawBufferPointer]) -> [[UInt8]] {
        guard messages.count == 1 else { return md5(of: messages, lanes: lanes) }
        var hash = MD5()
        hash.update(messages[0])
        return [hash.finish()]
    }

    /// The SHA-256 of each message, 32 bytes.
    public static func sha256(of messages: [UnsafeRawBufferPointer]) -> [[UInt8]] {
        // libcrypto uses the processor's SHA-256 instructions; only full registers of the widest kind are faster.
        if lanes == 16, messages.count > lanes / 2 { return sha256(of: messages, lanes: lanes) }
        return messages.map { message in
            var hash = SHA256()
            hash.update(message)
            return hash.finishBytes()
        }
    }

    package static func md5(of messages: [UnsafeRawBufferPointer], lanes: Int) -> [[UInt8]] {
        digests(of: messages, size: 16) { nocturne_md5_many($0, $1, lanes) }
    }

    package static func sha256(of messages: [UnsafeRawBufferPointer], lanes: Int) -> [[UInt8]] {
        digests(of: messages, size: 32) { nocturne_sha256_many($0, $1, lanes) }
    }

    private static func digests(
        of messages: [UnsafeRawBufferPointer], size: Int, _ hash: (UnsafePointer<nocturne_message>, Int) -> Void
    ) -> [[UInt8]] {
        var all = [UInt8](repeating: 0, count: messages.count * size)
        all.withUnsafeMutableBufferPointer { out in
            let described = messages.enumerated().map { place, message in
                nocturne_message(
                    bytes: message.baseAddress?.assumingMemoryBound(to: UInt8.self), count: message.count,
                    digest: out.baseAddress.map { $0 + place * size })
            }
            described.withUnsafeBufferPointer { if let start = $0.baseAddress { hash(start, $0.count) } }
        }
        return messages.indices.map { Array(all[$0 * size..<($0 + 1) * size]) }
    }
}
