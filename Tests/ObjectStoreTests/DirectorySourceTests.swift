import Downloads
import Durable
import Fault
import Foundation
import Glibc
import ObjectSources
import TestKit
import TestServers
import Testing

@Suite(.tags(.server)) struct DirectorySourceTests {
    private let bed: StoreTestbed
    private let folder: ScratchFolder

    init() throws {
        bed = try StoreTestbed()
        folder = try ScratchFolder()
    }

    private func write(_ name: String, _ text: String = "x") throws {
        try Folders.makeAll(Folders.parent(of: folder[name]))
        try AtomicFile.writeUnpublished(Array(text.utf8), to: folder[name])
    }

    @Test func `a listing is in the order of whole keys`() throws {
        for name in ["a/b", "a.b", "a0", "b", "B", "日本/x", "e\u{301}", "\u{E9}", "a/c/d"] { try write(name, name) }
        let entries = try bed.list(try bed.open(folder.path))
        let keys = entries.map { Array($0.key.utf8) }
        #expect(keys.count == 9)
        #expect(keys == keys.sorted { $0.lexicographicallyPrecedes($1) })
        #expect(entries.allSatisfy { $0.problem == nil && $0.etag == nil && $0.lastModified?.hasSuffix("Z") == true })
        #expect(entries.first { $0.key == "a/b" }?.size == 3)
    }

    @Test func `file URLs and relative links to the source work`() throws {
        try write("in/a b.wav")
        #expect(symlink("in", folder["link"]) == 0)
        #expect(try bed.list(try bed.open("file://\(folder.path)/in")).map(\.key) == ["a b.wav"])
        #expect(try bed.list(try bed.open(folder["link"])).map(\.key) == ["a b.wav"])
        #expect(try bed.kind { _ = try bed.open("file://host/x") } == .configuration)
    }

    @Test func `a missing directory is reported as missing`() throws {
        #expect(try bed.kind { _ = try bed.list(try bed.open(folder["nowhere"])) } == .missing)
        try write("file")
        #expect(try bed.kind { _ = try bed.list(try bed.open(folder["file"])) } == .missing)
    }

    @Test func `nothing leads out of the source`() throws {
        let outside = try ScratchFolder()
        try AtomicFile.writeUnpublished(Array("secret".utf8), to: outside["secret"])
        try write("good", "good")
        try write("sub/inner", "inner")
        #expect(symlink("sub/inner", folder["within"]) == 0)
        #expect(symlink(outside["secret"], folder["leak"]) == 0)
        #expect(symlink(outside.path, folder["leakdir"]) == 0)
        #expect(symlink("nowhere", folder["dangling"]) == 0)
        #expect(symlink("..", folder["sub/loop"]) == 0)
        #expect(mkfifo(folder["pipe"], 0o600) == 0)
        let source = try bed.open(folder.path)
        let entries = try bed.list(source)
        #expect(entries.filter { $0.problem == nil }.map(\.key) == ["good", "sub/inner", "within"])
        #expect(entries.filter { $0.problem != nil }.map(\.key) == ["dangling", "leak", "leakdir", "pipe", "sub/loop"])
        // Even if a file is replaced by a link after the listing.
        let good = try #require(entries.first { $0.key == "good" })
        #expect(unlink(folder["good"]) == 0)
        #expect(symlink(outside["secret"], folder["good"]) == 0)
        guard case .vanished? = try bed.fetch([good], from: source).first else {
            Issue.record("a link out of the source was followed")
            return
        }
        #expect(try bed.scratchIsEmpty())
    }

    @Test func `names that are not text are rejected, not lost`() throws {
        try write("plain")
        let odd = (folder.path + "/").utf8.map { CChar(bitPattern: $0) } + [0x61, CChar(bitPattern: 0xFF), 0]
        let descriptor = odd.withUnsafeBufferPointer { buffer in buffer.baseAddress.map { creat($0, 0o600) } ?? -1 }
        try #require(descriptor >= 0)
        close(descriptor)
        let entries = try bed.list(try bed.open(folder.path))
        #expect(entries.map(\.key) == ["a\u{FFFD}ff", "plain"])
        #expect(entries[0].problem != nil)
    }

    @Test func `files are copied and hashed`() throws {
        try write("a", "hello\n")
        try write("empty", "")
        let source = try bed.open(folder.path)
        let outcomes = try bed.fetch(try bed.list(source), from: source)
        let first = try bed.fetched(outcomes[0])
        #expect(first.bytes == 6)
        #expect(first.sha256 == "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03")
        #expect(first.verifiedBy == ["size"])
        #expect(!first.changedSinceListing)
        #expect(first.requests == 0)
        #expect(try bed.bytes(0) == Array("hello\n".utf8))
        #expect(try bed.fetched(outcomes[1]).bytes == 0)
    }

    @Test func `a missing file has vanished, and a changed one is reported`() throws {
        try write("a", "old")
        try write("b", "old")
        let source = try bed.open(folder.path)
        let entries = try bed.list(source)
        #expect(unlink(folder["a"]) == 0)
        try write("b", "newer")
        let outcomes = try bed.fetch(entries, from: source)
        guard case .vanished(let message) = outcomes[0] else {
            Issue.record("\(outcomes[0])")
            return
        }
        #expect(message.contains("/a"))
        let changed = try bed.fetched(outcomes[1])
        #expect(changed.changedSinceListing)
        #expect(changed.bytes == 5)
        // What a later run compares.
        #expect(try bed.list(source).first?.version != entries[1].version)
    }

    @Test func `a stop ends the copying`() throws {
        for number in 0..<50 { try write("f\(number)", String(repeating: "x", count: 100_000)) }
        let source = try bed.open(folder.path)
        let entries = try bed.list(source)
        let requests = entries.indices.map { DownloadRequest(entry: entries[$0], path: bed.scratch["o\($0)"]) }
        var settled = 0
        let fault = #expect(throws: Fault.self) {
            try Downloader(engine: bed.engine, options: bed.options).fetch(requests, from: source) { () throws(Fault) in
                if settled > 3 { throw Fault(.interrupted, "stop") }
            } outcome: { _, _ in
                settled += 1
            }
        }
        #expect(fault?.kind == .interrupted)
        #expect(try Folders.names(in: bed.scratch.path).count == settled)
    }
}
