internal import CCrypto

/// A running SHA-256 (FIPS 180-4) by libcrypto, which uses the processor's SHA instructions where it has them.
public struct SHA256: ~Copyable {
    private let hash = RunningHash(EVP_sha256())

    /// Starts a digest.
    public init() {}

    /// Adds bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bytes) }

    /// The digest of all bytes added.
    public consuming func finish() -> Digest { Digest(bytes: hash.finish()) }

    /// The 32 bytes of the digest.
    consuming func finishBytes() -> [UInt8] { hash.finish() }
}

/// A running MD5 (RFC 1321), used only to compare with an object store's own digest of an object.
public struct MD5: ~Copyable {
    private let hash = RunningHash(EVP_md5())

    /// Starts a digest.
    public init() {}

    /// Adds bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bytes) }

    /// The 16 bytes of the digest.
    public consuming func finish() -> [UInt8] { hash.finish() }
}

/// A running SHA-1 (FIPS 180-4), used only to compare with an object store's own digest of an object.
public struct SHA1: ~Copyable {
    private let hash = RunningHash(EVP_sha1())

    /// Starts a digest.
    public init() {}

    /// Adds bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bytes) }

    /// The 20 bytes of the digest.
    public consuming func finish() -> [UInt8] { hash.finish() }
}

/// libcrypto's digest context, freed with its owner. A class, because release builds of Swift 6.3 lose the metadata of
/// a private noncopyable struct inside a public one when another module stores it.
private final class RunningHash {
    private let context: OpaquePointer

    init(_ algorithm: OpaquePointer?) {
        // libcrypto fails here only when memory has run out or the digest is forbidden (MD5 under FIPS). Neither can be
        // distinguished from a wrong digest later, so stop.
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, algorithm, nil) == 1 else {
            fatalError("libcrypto does not provide this digest on this machine")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        EVP_DigestUpdate(context, start, bytes.count)
    }

    func finish() -> [UInt8] {
        var size: UInt32 = 0
        var out = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        EVP_DigestFinal_ex(context, &out, &size)
        return Array(out.prefix(Int(size)))
    }
}
