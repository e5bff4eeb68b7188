internal import Fault
package import Glibc

/// Detects writes to a file for later runs and for the copier: its size, and its modification time to the nanosecond.
package func fileVersion(_ status: stat) -> String {
    "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
}

/// Reads folders whose names may be any bytes.
package enum FolderReader {
    struct Child {
        enum Kind: Equatable { case file, folder, link, other }
        let name: [UInt8]
        let kind: Kind
    }

    /// The entries of a folder, in byte order of whole keys (`a.b` before `a/b`); `nil` if the folder has gone.
    ///
    /// - Throws: `.denied` or `.disk`: an unreadable folder must not shorten a listing silently.
    static func children(of folder: [UInt8]) throws(Fault) -> [Child]? {
        let text = String(decoding: folder, as: UTF8.self)
        guard let stream = withPath(folder, { opendir($0) }) else {
            if errno == ENOENT { return nil }
            throw .system("list", text, errno: errno)
        }
        defer { closedir(stream) }
        var children: [Child] = []
        errno = 0
        while let entry = readdir(stream) {
            let length = Int(entry.pointee.d_reclen)
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix(length).prefix { $0 != 0 }) }
            if name != Array(".".utf8), name != Array("..".utf8) {
                children.append(Child(name: name, kind: kind(of: entry.pointee.d_type, folder, name)))
            }
            errno = 0
        }
        guard errno == 0 else { throw .system("list", text, errno: errno) }
        func sortKey(_ child: Child) -> [UInt8] {
            child.kind == .folder ? child.name + [UInt8(ascii: "/")] : child.name
        }
        return children.sorted { sortKey($0).lexicographicallyPrecedes(sortKey($1)) }
    }

    private static func kind(of type: UInt8, _ folder: [UInt8], _ name: [UInt8]) -> Child.Kind {
        switch Int(type) {
        case Int(DT_REG): return .file
        case Int(DT_DIR): return .folder
        case Int(DT_LNK): return .link
        case Int(DT_UNKNOWN):
            // Some file systems do not report the type.
            var status = stat()
            guard withPath(folder + [UInt8(ascii: "/")] + name, { lstat($0, &status) }) == 0 else { return .other }
            switch status.st_mode & S_IFMT {
            case S_IFREG: return .file
            case S_IFDIR: return .folder
            case S_IFLNK: return .link
            default: return .other
            }
        default: return .other
        }
    }

    /// The path without symbolic links; `nil` if it leads nowhere.
    package static func resolved(_ path: [UInt8]) -> [UInt8]? {
        guard let text = withPath(path, { realpath($0, nil) }) else { return nil }
        defer { free(text) }
        return Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
    }

    /// Passes a path of any bytes to a C function.
    package static func withPath<R>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> R) -> R {
        (path.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { buffer in
            // An array with a terminator in it has a base address.
            guard let base = buffer.baseAddress else { preconditionFailure("an array with elements has no address") }
            return body(base)
        }
    }
}
