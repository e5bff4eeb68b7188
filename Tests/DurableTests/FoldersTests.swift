import Durable
import Fault
import Foundation
import TestKit
import Testing

@Suite struct FoldersTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    @Test func `making a folder says whether it was made`() throws {
        #expect(try Folders.make(scratch["a"]))
        #expect(try !Folders.make(scratch["a"]))
        try Folders.makeAll(scratch["b/c/d"])
        try Folders.makeAll(scratch["b/c/d"])
        #expect(Folders.isFolder(scratch["b/c/d"]))
        #expect(throws: Fault.self) { try Folders.make(scratch["absent/a"]) }
        try AtomicFile.write([1], to: scratch["file"])
        #expect(throws: Fault.self) { try Folders.make(scratch["file"]) }
        #expect(throws: Fault.self) { try Folders.makeAll(scratch["file/a"]) }
    }

    @Test func `names come in the order of their bytes`() throws {
        let names = ["a", "B", "a.b", "é", "e\u{301}", ".hidden", "z"]
        for name in names { try AtomicFile.write([], to: scratch[name]) }
        let listed = try Folders.names(in: scratch.path)
        #expect(
            listed.map { Array($0.utf8) } == names.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) })
        let fault = #expect(throws: Fault.self) { try Folders.names(in: scratch["absent"]) }
        #expect(fault?.kind == .missing)
        #expect(fault?.message == "cannot list '\(scratch["absent"])': No such file or directory")
    }

    @Test func `removing takes whole trees and follows no links`() throws {
        try Folders.makeAll(scratch["tree/deep/er"])
        try AtomicFile.write([1], to: scratch["tree/deep/file"])
        try Folders.make(scratch["kept"])
        try AtomicFile.write([1], to: scratch["kept/file"])
        try Folders.pointLink(scratch["tree/link"], at: scratch["kept"])
        try Folders.remove(scratch["tree"])
        try Folders.remove(scratch["tree"])
        #expect(!Folders.exists(scratch["tree"]))
        #expect(Folders.exists(scratch["kept/file"]))
    }

    @Test func `renaming replaces a file but no full folder`() throws {
        try AtomicFile.write([1], to: scratch["new"])
        try AtomicFile.write([2], to: scratch["old"])
        try Folders.rename(scratch["new"], to: scratch["old"])
        #expect(try AtomicFile.read(scratch["old"]) == [1])
        try Folders.makeAll(scratch["full/inside"])
        try Folders.make(scratch["other"])
        #expect(throws: Fault.self) { try Folders.rename(scratch["other"], to: scratch["full"]) }
        #expect(Folders.isFolder(scratch["other"]))
    }

    @Test func `linked files are one file`() throws {
        try AtomicFile.write(Array("sealed".utf8), to: scratch["a"])
        try Folders.linkOrCopy(scratch["a"], to: scratch["b"])
        #expect(try inode(scratch["a"]) == inode(scratch["b"]))
        let fault = #expect(throws: Fault.self) { try Folders.linkOrCopy(scratch["absent"], to: scratch["c"]) }
        #expect(fault?.kind == .missing)
        #expect(throws: Fault.self) { try Folders.linkOrCopy(scratch["a"], to: scratch["b"]) }
    }

    @Test func `where no link can be made the file is copied`() throws {
        // Where /dev/shm exists, it is another filesystem.
        try #require(Folders.isFolder("/dev/shm"), "this test needs /dev/shm")
        let far = "/dev/shm/nocturne-test-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: far) }
        let bytes = (0..<3_000_000).map { UInt8($0 % 251) }
        try AtomicFile.write(bytes, to: scratch["a"])
        try Folders.linkOrCopy(scratch["a"], to: far)
        #expect(try AtomicFile.read(far) == bytes)
    }

    @Test func `links are pointed in one step`() throws {
        #expect(Folders.linkTarget(scratch["current"]) == nil)
        try Folders.pointLink(scratch["current"], at: "v1")
        #expect(Folders.linkTarget(scratch["current"]) == "v1")
        #expect(!Folders.exists(scratch["current"]))
        try Folders.make(scratch["v2"])
        try Folders.pointLink(scratch["current"], at: "v2")
        #expect(Folders.linkTarget(scratch["current"]) == "v2")
        #expect(Folders.resolved(scratch["current"]) == scratch["v2"])
        #expect(Folders.resolved(scratch["absent"]) == nil)
        #expect(try Folders.names(in: scratch.path) == ["current", "v2"])
        // A temporary file left by a killed run does not matter.
        try Folders.make(scratch[".tmp-current"])
        try Folders.pointLink(scratch["current"], at: "v3")
        #expect(Folders.linkTarget(scratch["current"]) == "v3")
    }

    @Test(arguments: [
        ("/a/b", "/a", "b"), ("/a", "/", "a"), ("a", ".", "a"), ("a/b/c", "a/b", "c"), ("a/", "a", ""),
        ("a/\u{301}b", "a", "\u{301}b"), ("/", "/", ""),
    ])
    func `paths are taken apart at their last slash`(_ path: String, _ parent: String, _ name: String) {
        #expect(Array(Folders.parent(of: path).utf8) == Array(parent.utf8))
        #expect(Array(Folders.name(of: path).utf8) == Array(name.utf8))
    }

    private func inode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int)
    }
}
