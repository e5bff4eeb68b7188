internal import Durable
internal import Fault
internal import Glibc

/// What removing files frees. A file's bytes are freed with the last of its names: versions that share a part share its
/// files through hard links.
struct LinkedFiles {
    private struct Identity: Hashable {
        let device: UInt
        let inode: UInt
    }

    private struct File {
        let identity: Identity
        let bytes: Int
        let names: Int
    }

    /// How many names each file has left. Read from disk once, when the file is first seen: after that the disk shows
    /// fewer or, in a dry run, the same number.
    private var left: [Identity: Int] = [:]

    /// Counts everything under a path, or the file at it, as removed.
    ///
    /// - Returns: the sizes of all files, and of those that thereby lose their last name.
    mutating func remove(_ paths: [String]) throws(Fault) -> (apparent: Int, freed: Int) {
        var files: [File] = []
        for path in paths { try Self.collect(path, into: &files) }
        var (apparent, freed) = (0, 0)
        for file in files {
            apparent += file.bytes
            let names = (left[file.identity] ?? file.names) - 1
            left[file.identity] = names
            if names == 0 { freed += file.bytes }
        }
        return (apparent, freed)
    }

    /// Links count as files without bytes: they are never followed.
    private static func collect(_ path: String, into files: inout [File]) throws(Fault) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            // Removed meanwhile, or by an earlier, interrupted run.
            if errno == ENOENT { return }
            throw .system("look at", path, errno: errno)
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: for name in try Folders.names(in: path) { try collect("\(path)/\(name)", into: &files) }
        case S_IFREG:
            files.append(
                File(
                    identity: Identity(device: UInt(status.st_dev), inode: UInt(status.st_ino)),
                    bytes: Int(status.st_size), names: Int(status.st_nlink)))
        default: break
        }
    }
}

/// When a file or folder was last written.
enum FileTime {
    /// Seconds since 1970; `nil` if it does not exist.
    static func modified(_ path: String) -> Double? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
    }
}
