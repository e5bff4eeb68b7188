import BatchFormat
import Durable
import Fault
import Inspection
import JSON
import StageRun
import TestBatches
import Testing

/// What digests cannot show: versions that are sealed correctly, but have wrong contents.
@Suite struct ContentCheckTests {
    private let batch: TestBatch

    init() throws { batch = try TestBatch() }

    /// Makes a clean version from a fetch version with these items.
    private func made(of incoming: [[TestItem]], _ items: [[TestItem]], linked: Bool = true) throws -> VersionReader {
        try batch.run("fetch", incoming)
        let fetch = try VersionReader(batch.path("fetch"))
        try batch.run("clean", items) { recipe in
            recipe.inputs = [fetch.reference]
            if linked { recipe.partInputs = fetch.seal.parts.map(\.digest) }
        }
        return try VersionReader(batch.path("clean"))
    }

    private func messages(_ version: VersionReader) throws -> [String] {
        // All digests are right, which is the point.
        #expect(try Verification.verify(version: version.path).damages.map(\.message) == [])
        return try ContentCheck.damages(of: version).map(\.message)
    }

    /// What fetch writes about the same items; clean's lines pass it on.
    private func cleaned(_ id: String, _ samples: [Float]? = [0.5]) -> TestItem {
        var item = TestItem(id, samples: samples)
        item.carried = ["fetch": [:]]
        return item
    }

    private let incoming = [[TestItem("a"), TestItem("b")], [TestItem("c")]]

    @Test func `what is right passes`() throws {
        let version = try made(of: incoming, [[cleaned("a"), .rejected("b", "silent")], [cleaned("c", [])]])
        #expect(try messages(version) == [])
        #expect(LineageCheck.damages(of: version).isEmpty)
    }

    /// A piece of an item, as clean writes it.
    private func piece(_ id: String, of source: String) -> TestItem {
        var item = cleaned(id)
        item.output = ["source": .string(source)]
        return item
    }

    @Test func `an item is settled by its pieces`() throws {
        let first = [cleaned("a"), piece("b@0.0-1.0", of: "b"), piece("b@1.0-2.0", of: "b")]
        #expect(try messages(made(of: incoming, [first, [cleaned("c")]])) == [])
    }

    @Test func `pieces of what never came in are found`() throws {
        let found = try messages(made(of: incoming, [[cleaned("a"), piece("x@0.0-1.0", of: "x")], [cleaned("c")]]))
        #expect(found.count == 1 && found[0].contains("'b'") && found[0].contains("came into"), "\(found)")
    }

    @Test func `a piece that forgets what earlier stages wrote is found`() throws {
        var bare = piece("b@0.0-1.0", of: "b")
        bare.carried = [:]
        let found = try messages(made(of: incoming, [[cleaned("a"), bare], [cleaned("c")]]))
        #expect(found.count == 1 && found[0].contains("'b@0.0-1.0'") && found[0].contains("\"fetch\""), "\(found)")
    }

    @Test func `an item that was lost on the way is found`() throws {
        let found = try messages(made(of: incoming, [[cleaned("a")], [cleaned("c")]]))
        #expect(found.count == 1 && found[0].contains("'b'") && found[0].contains("came into"), "\(found)")
    }

    @Test func `an item that never came in is found`() throws {
        let found = try messages(made(of: incoming, [[cleaned("a"), cleaned("b"), cleaned("x")], [cleaned("c")]]))
        #expect(found.count == 1 && found[0].contains("'x'") && found[0].contains("never came in"), "\(found)")
    }

    @Test func `items in another order are found`() throws {
        let found = try messages(made(of: incoming, [[cleaned("b"), cleaned("a")], [cleaned("c")]]))
        #expect(found.count == 1 && found[0].contains("'a'"), "\(found)")
    }

    @Test func `an ID that occurs twice is found`() throws {
        let found = try messages(made(of: incoming, [[cleaned("a"), cleaned("b")], [cleaned("c"), cleaned("a")]]))
        #expect(found.contains { $0.contains("'a' appears more than once") }, "\(found)")
    }

    @Test func `a line that forgets what earlier stages wrote is found`() throws {
        let found = try messages(made(of: incoming, [[cleaned("a"), TestItem("b", samples: [1])], [cleaned("c")]]))
        #expect(found.count == 1 && found[0].contains("'b'") && found[0].contains("\"fetch\""), "\(found)")
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity]) func `values that are not numbers are found`(_ value: Float)
        throws
    {
        let found = try messages(made(of: incoming, [[cleaned("a"), cleaned("b", [0, value, 0])], [cleaned("c")]]))
        #expect(found.count == 1 && found[0].contains("'b'") && found[0].contains("infinities or NaN"), "\(found)")
    }

    @Test func `an item without its tensor is found`() throws {
        let found = try messages(made(of: incoming, [[cleaned("a"), cleaned("b", nil)], [cleaned("c")]]))
        #expect(found.count == 1 && found[0].contains("one tensor for each item"), "\(found)")
    }

    @Test func `a shape that differs from the line's is found`() throws {
        try batch.run("featurize", [[TestItem("a", output: ["frames": 2, "bins": 3], samples: [1, 2, 3, 4, 5, 6])]])
        let found = try messages(VersionReader(batch.path("featurize")))
        #expect(found.count == 1 && found[0].contains("[6]") && found[0].contains("[2, 3]"), "\(found)")
    }

    @Test func `raw objects that no line names are found`() throws {
        try batch.run("fetch", [[TestItem("a"), TestItem("b")]]) { recipe in
            recipe.objects = { Array($0.utf8) }
            recipe.naming = { id in id == "a" ? "objects/b" : nil }
        }
        let found = try messages(VersionReader(batch.path("fetch")))
        #expect(found.contains { $0.contains("'a'") && $0.contains("does not describe its raw object") }, "\(found)")
        #expect(found.contains { $0.contains("names its 'objects/a'") }, "\(found)")
    }

    @Test func `a part that was made from something else is found`() throws {
        let version = try made(of: incoming, [[cleaned("a"), cleaned("b")], [cleaned("c")]], linked: false)
        let found = LineageCheck.damages(of: version).map(\.message)
        #expect(found.count == 2 && found.allSatisfy { $0.contains("was not made from") }, "\(found)")
    }

    @Test func `parts that are missing are found`() throws {
        try batch.run("fetch", incoming)
        let fetch = try VersionReader(batch.path("fetch"))
        try batch.run("clean", [[cleaned("a"), cleaned("b")]]) { recipe in
            recipe.inputs = [fetch.reference]
            recipe.partInputs = [fetch.seal.parts[0].digest]
        }
        let found = LineageCheck.damages(of: try VersionReader(batch.path("clean"))).map(\.message)
        #expect(found.count == 1 && found[0].contains("1 parts"), "\(found)")
    }

    @Test func `a missing input is not damage`() throws {
        let version = try made(of: incoming, [[cleaned("a"), cleaned("b")], [cleaned("c")]])
        try Folders.remove(batch.folder("fetch").path)
        #expect(LineageCheck.damages(of: version).isEmpty)
        #expect(try messages(version) == [])
    }

    @Test func `another input in its place is damage`() throws {
        let version = try made(of: incoming, [[cleaned("a"), cleaned("b")], [cleaned("c")]])
        try Folders.remove(batch.folder("fetch").path)
        try batch.run("fetch", [[TestItem("other")]])
        let found = LineageCheck.damages(of: version).map(\.message)
        #expect(found.count == 1 && found[0].contains("was made from a different"), "\(found)")
    }
}
