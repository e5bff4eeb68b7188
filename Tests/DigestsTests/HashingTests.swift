import Digests
import Testing

@Suite struct HashingTests {
    private func inPieces(_ sizes: [Int], of bytes: [UInt8], _ take: (UnsafeRawBufferPointer) -> Void) {
        bytes.withUnsafeBytes { raw in
            var at = 0
            for size in sizes {
                take(UnsafeRawBufferPointer(rebasing: raw[at..<at + size]))
                at += size
            }
            take(UnsafeRawBufferPointer(rebasing: raw[at...]))
        }
    }

    @Test(arguments: [[], [0], [1], [63, 1, 64], [64, 64], [500, 0, 499]])
    func `the digest does not depend on the pieces`(_ sizes: [Int]) {
        let bytes = (0..<1000).map { UInt8($0 * 7 % 256) }
        var sha256 = SHA256()
        var sha1 = SHA1()
        var md5 = MD5()
        inPieces(sizes, of: bytes) { sha256.update($0) }
        inPieces(sizes, of: bytes) { sha1.update($0) }
        inPieces(sizes, of: bytes) { md5.update($0) }
        // From coreutils: sha256sum, sha1sum and md5sum of these bytes.
        #expect(sha256.finish().hex == "89f4ff56a25dd1db06a4ce6033603775d705fb96f30f8693733fef602a1ca532")
        #expect(sha1.finish().hex == "38f3aa587f4aa04965a359f9151092759b3a4c2a")
        #expect(md5.finish().hex == "de809ff794e91b68f9e91a2b7030bcb0")
    }

    @Test func `an empty input has the digest of nothing`() {
        var hash = SHA256()
        hash.update(UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(hash.finish() == Digest(of: []))
        #expect(MD5().finish().hex == "d41d8cd98f00b204e9800998ecf8427e")
        #expect(SHA1().finish().hex == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
    }
}
