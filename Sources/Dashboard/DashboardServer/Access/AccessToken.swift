public import Digests
internal import Glibc

/// A secret that lets somebody in: 256 random bits, of which the server keeps the digest alone.
public struct AccessToken: Sendable {
    /// The secret, `nocturne_` and 64 hex digits: shown once, when it is made.
    public let text: String

    /// Makes a token out of the kernel's randomness.
    public init() {
        var generator = SystemRandomNumberGenerator()
        text = "nocturne_" + (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }.hex
    }

    /// Takes a secret as somebody presents it.
    init(presented text: String) { self.text = text }

    /// What is kept of it.
    public var digest: Digest { Digest(of: text.utf8) }
}

extension Digest {
    /// Equality that takes as long for a digest that differs at its first digit as for one that differs at its last.
    func isSame(as other: Digest) -> Bool {
        var difference: UInt8 = 0
        for (a, b) in zip(hex.utf8, other.hex.utf8) { difference |= a ^ b }
        return difference == 0
    }
}
