import Durable
import Fault
import Glibc
import TestKit
import Testing

@Suite struct FolderLockTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func isFree(_ sharing: FolderLock.Sharing) throws -> Bool {
        guard let lock = try FolderLock.trying(folder: scratch.path, sharing) else { return false }
        lock.release()
        return true
    }

    @Test func `one holds it alone, or many together`() throws {
        let first = try FolderLock.trying(folder: scratch.path, .exclusive)
        #expect(try !isFree(.exclusive))
        #expect(try !isFree(.shared))
        if let first { first.release() }
        let shared = try FolderLock.trying(folder: scratch.path, .shared)
        #expect(try isFree(.shared))
        #expect(try !isFree(.exclusive))
        if let shared { shared.release() }
        #expect(try isFree(.exclusive))
    }

    @Test func `the end of the value is the end of the lock`() throws {
        try {
            let lock = try FolderLock.trying(folder: scratch.path, .exclusive)
            #expect(try !isFree(.shared))
            if let lock { lock.release() }
        }()
        #expect(try isFree(.exclusive))
    }

    @Test func `a file is made to be locked`() throws {
        let lock = try FolderLock.trying(file: scratch["part-00000"], .exclusive)
        var isTaken = true
        if let second = try FolderLock.trying(file: scratch["part-00000"], .exclusive) {
            isTaken = false
            second.release()
        }
        #expect(isTaken)
        if let lock { lock.release() }
        try FolderLock.waiting(forFile: scratch["part-00000"]).release()
        #expect(try AtomicFile.read(scratch["part-00000"]).isEmpty)
    }

    /// Between fork and exec a child has copies of all descriptors, close-on-exec or not; a duplicate stands in for
    /// such a copy.
    @Test func `a copy of the descriptor does not hold a released lock`() throws {
        let before = try descriptors()
        let lock = try FolderLock.trying(folder: scratch.path, .exclusive)
        let own = try #require(try descriptors().subtracting(before).first)
        let copy = dup(own)
        defer { close(copy) }
        #expect(copy >= 0)
        if let lock { lock.release() }
        #expect(try isFree(.exclusive))
    }

    /// Our descriptors that lead to the scratch folder.
    private func descriptors() throws -> Set<Int32> {
        let numbers = try Folders.names(in: "/proc/self/fd").compactMap { Int32($0) }
        return Set(numbers.filter { Folders.linkTarget("/proc/self/fd/\($0)") == scratch.path })
    }

    @Test func `a folder that is not there cannot be locked`() {
        #expect(throws: Fault.self) { _ = try FolderLock.trying(folder: scratch["absent"], .shared) }
    }
}
