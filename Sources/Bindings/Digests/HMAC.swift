/// HMAC with SHA-256 (RFC 2104, FIPS 198-1): proves that the author of some bytes knew a secret.
public enum HMAC {
    private static let blockSize = 64

    /// The 32-byte code of a message under a key of any length.
    public static func sha256(_ message: some Sequence<UInt8>, key: some Collection<UInt8>) -> [UInt8] {
        var block = key.count > blockSize ? bytes(of: Array(key)) : Array(key)
        block += [UInt8](repeating: 0, count: blockSize - block.count)
        let inner = bytes(of: block.map { $0 ^ 0x36 } + Array(message))
        return bytes(of: block.map { $0 ^ 0x5C } + inner)
    }

    private static func bytes(of message: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        message.withUnsafeBytes { hash.update($0) }
        return hash.finishBytes()
    }
}
