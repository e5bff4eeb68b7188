public import Digests
internal import Glibc

/// A secret that grants access: 256 random bits, of which the server keeps only the digest.
public struct AccessToken: Sendable {
    /// The secret, `nocturne_` and 64 hex digits: shown once, when it is made.
    public let text: String

    /// Makes a token from the kernel's random numbers.
    public init() {
        var generator = SystemRandomNumberGenerator()
        text = "nocturne_" + (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }.hex
    }

    /// Wraps a secret presented by a client.
    init(presented text: String) { self.text = text }

    /// The digest that is kept.
    public var digest: Digest { Digest(of: text.utf8) }
}

extension Digest {
    /// Compares in constant time: it does not depend on where the digests differ.
    func isSame(as other: Digest) -> Bool {
        var difference: UInt8 = 0
        for (a, b) in zip(hex.utf8, other.hex.utf8) { difference |= a ^ b }
        return difference == 0
    }
}
