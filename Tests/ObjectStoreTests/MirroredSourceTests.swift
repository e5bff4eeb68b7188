import Downloads
import Durable
import Fault
import ObjectSources
import Synchronization
import TestKit
import TestServers
import Testing

@Suite(.tags(.server)) struct MirroredSourceTests {
    private let bed: StoreTestbed
    private let folder: ScratchFolder

    init() throws {
        bed = try StoreTestbed()
        folder = try ScratchFolder()
    }

    @Test func `the first that can be listed decides`() throws {
        var noting = bed
        let collected = Notes()
        noting.settings.note = { collected.add($0) }
        let source = try noting.open(folder["nowhere"], "s3://listdenied.first/p/", "s3://plain.mirror/p/")
        #expect(try noting.list(source).count == 3)
        #expect(collected.all.count == 2)
    }

    @Test func `when no mirror can be listed, the first fault counts`() throws {
        let source = try bed.open(folder["nowhere"], "s3://listdenied.last/p/")
        #expect(try bed.kind { _ = try bed.list(source) } == .missing)
    }

    /// Half a listing from one mirror and half from another would be neither's.
    @Test func `a broken listing is not continued elsewhere`() throws {
        let source = try bed.open("s3://listfails.mirror/p/", "s3://pages.mirror/p/")
        #expect(try bed.kind { _ = try bed.list(source) } == .unavailable)
    }

    @Test(arguments: ["always503", "forbidden", "wrongtag", "html"]) func `an object comes from the next mirror`(
        _ name: String
    )
        throws
    {
        let object = try bed.fetchOnly(try bed.open("s3://\(name).first/p/", "s3://checksums.second/p2/"))
        #expect(object.url == "s3://checksums.second/p2/one-1000.bin")
        #expect(object.verifiedBy.contains("listing-etag-md5"))
        #expect(!object.changedSinceListing)
    }

    @Test func `another object under the same key is not taken`() throws {
        try AtomicFile.writeUnpublished([UInt8](repeating: 7, count: 1000), to: folder["one-1000.bin"])
        let source = try bed.open("s3://always503.other/p/", folder.path)
        #expect(try bed.kind { _ = try bed.fetchOnly(source) } == .unavailable)
        #expect(try bed.scratchIsEmpty())
    }

    @Test func `an object gone everywhere has vanished`() throws {
        let source = try bed.open("s3://gone.mirror/p/", folder.path)
        let entries = try bed.list(source).filter { $0.key == "a/one-1000.bin" }
        guard case .vanished(let message)? = try bed.fetch(entries, from: source).first else {
            Issue.record("it was found")
            return
        }
        #expect(message.contains("s3://gone.mirror/p/a/one-1000.bin") && message.contains(folder.path))
    }
}

/// Collects notes from any thread.
private final class Notes: Sendable {
    private let notes = Mutex<[String]>([])
    func add(_ note: String) { notes.withLock { $0.append(note) } }
    var all: [String] { notes.withLock { $0 } }
}
