internal import CCrypto

/// HMAC with SHA-256 (RFC 2104, FIPS 198-1): proves that the writer of some bytes knew a secret.
public enum HMAC {
    /// The 32 bytes of the code for some bytes under a key of any length; `nil` if memory has run out.
    public static func sha256(_ message: some Sequence<UInt8>, key: some Collection<UInt8>) -> [UInt8]? {
        // An empty array may have no address, and libcrypto does not take a missing key for an empty one.
        let (message, key, count) = (Array(message), Array(key) + [0], Int32(key.count))
        var (code, size) = ([UInt8](repeating: 0, count: 32), UInt32(0))
        let made = CCrypto.HMAC(EVP_sha256(), key, count, message, message.count, &code, &size)
        return made != nil && size == 32 ? code : nil
    }
}
