import Digests
import Testing

@Suite struct SideBySideTests {
    /// Messages whose lengths lie around the blocks' borders, and anywhere; their bytes differ.
    private static func messages(_ count: Int, seed: UInt64) -> [[UInt8]] {
        var state = seed
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        let borders = [0, 1, 55, 56, 63, 64, 65, 119, 120, 127, 128]
        return (0..<count).map { _ in
            let length = next() % 3 == 0 ? Int(next() % 5000) : borders[Int(next()) % borders.count]
            return (0..<length).map { _ in UInt8(truncatingIfNeeded: next()) }
        }
    }

    private static func withPointers(
        to messages: [[UInt8]], _ body: ([UnsafeRawBufferPointer]) -> Void
    ) {
        let all = messages.map { message in
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: message.count, alignment: 1)
            copy.copyBytes(from: message)
            return UnsafeRawBufferPointer(copy)
        }
        body(all)
        for copy in all { copy.deallocate() }
    }

    private static func oneByOne(_ messages: [[UInt8]]) -> (md5: [String], sha256: [String]) {
        var (md5, sha256): ([String], [String]) = ([], [])
        for message in messages {
            var hash = MD5()
            message.withUnsafeBytes { hash.update($0) }
            md5.append(hash.finish().hex)
            sha256.append(Digest(of: message).hex)
        }
        return (md5, sha256)
    }

    @Test(arguments: [4, 8, 16].filter { $0 <= SideBySide.lanes }, [0, 1, 3, 4, 5, 16, 17, 50])
    func `many at once equal one by one`(_ lanes: Int, _ count: Int) {
        for seed in 0..<20 {
            let messages = Self.messages(count, seed: UInt64(seed))
            let wanted = Self.oneByOne(messages)
            Self.withPointers(to: messages) { pointers in
                #expect(SideBySide.md5(of: pointers, lanes: lanes).map(\.hex) == wanted.md5)
                #expect(SideBySide.sha256(of: pointers, lanes: lanes).map(\.hex) == wanted.sha256)
            }
        }
    }

    @Test(arguments: [0, 1, 2, 9, 40])
    func `the chosen implementation gives the same digest`(_ count: Int) {
        let messages = Self.messages(count, seed: 7)
        let wanted = Self.oneByOne(messages)
        Self.withPointers(to: messages) { pointers in
            #expect(SideBySide.md5(of: pointers).map(\.hex) == wanted.md5)
            #expect(SideBySide.sha256(of: pointers).map(\.hex) == wanted.sha256)
        }
    }
}
