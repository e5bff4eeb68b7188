internal import Durable
internal import Fault
internal import Glibc
internal import Transfer

/// A folder and its subfolders. Names are bytes; anything but a regular file inside the folder is never opened.
struct DirectorySource: ObjectSource {
    private let path: String
    private let root: [UInt8]

    private static let filesPerPage = 1000

    init(_ path: String) throws(Fault) {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw Fault(.configuration, "the source is an empty path") }
        self.path = path
        // The source itself may be a link; its target is looked up when it is listed.
        root = Array((Folders.resolved(path) ?? path).utf8)
    }

    var origin: String {
        path.hasPrefix("/") ? "file://\(CanonicalURL.path(path.utf8))" : path
    }

    func list(
        checkStop: () throws(Fault) -> Void, _ visit: ([ObjectEntry]) throws(Fault) -> Void
    ) throws(Fault) {
        guard Folders.isFolder(path) else {
            throw Fault(.missing, "the source directory '\(path)' does not exist or is not a directory")
        }
        var page: [ObjectEntry] = []
        try list([], into: &page, checkStop: checkStop, visit)
        try visit(page)
    }

    func routes(to entry: ObjectEntry) -> [ObjectRoute] { [route(toRelative: entry.address)] }

    func route(toKey key: String) -> ObjectRoute { route(toRelative: Array(key.utf8)) }

    private func route(toRelative relative: [UInt8]) -> ObjectRoute {
        ObjectRoute(
            name: "file://\(CanonicalURL.path(root + [UInt8(ascii: "/")] + relative))",
            way: .file(relative: relative, root: root))
    }

    // MARK: - Listing

    private func list(
        _ folder: [UInt8], into page: inout [ObjectEntry], checkStop: () throws(Fault) -> Void,
        _ visit: ([ObjectEntry]) throws(Fault) -> Void
    ) throws(Fault) {
        try checkStop()
        // A folder that vanished since its parent was listed is empty.
        guard let children = try FolderReader.children(of: root + folder) else { return }
        for child in children {
            let relative = folder.isEmpty ? child.name : folder.dropFirst() + [UInt8(ascii: "/")] + child.name
            switch child.kind {
            case .folder:
                try list([UInt8(ascii: "/")] + relative, into: &page, checkStop: checkStop, visit)
            case .file, .link, .other: if let entry = entry(relative, child.kind) { page.append(entry) }
            }
            if page.count >= Self.filesPerPage {
                try visit(page)
                page.removeAll(keepingCapacity: true)
                try checkStop()
            }
        }
    }

    /// `nil` if the file has gone since.
    private func entry(_ relative: [UInt8], _ kind: FolderReader.Child.Kind) -> ObjectEntry? {
        let key = KeyRules.text(relative)
        func refused(_ reason: String) -> ObjectEntry {
            ObjectEntry(key: key, problem: KeyProblem(reason), address: relative)
        }
        if kind == .other { return refused("it is neither a file nor a folder") }
        let absolute = root + [UInt8(ascii: "/")] + relative
        if kind == .link {
            guard let target = FolderReader.resolved(absolute) else { return refused("a symbolic link to nothing") }
            guard target.starts(with: root + [UInt8(ascii: "/")]) else {
                return refused("a symbolic link that leads out of the source")
            }
        }
        var status = stat()
        guard FolderReader.withPath(absolute, { stat($0, &status) }) == 0 else { return nil }
        guard status.st_mode & S_IFMT == S_IFREG else { return refused("a symbolic link to something that is no file") }
        return ObjectEntry(
            key: key, problem: KeyRules.problem(with: relative), size: Int64(status.st_size),
            lastModified: HTTPDate.rfc3339(Int64(status.st_mtim.tv_sec)), version: fileVersion(status),
            address: relative)
    }
}

/// Detects writes to a file for later runs and for the copier: its size, and its modification time to the nanosecond.
func fileVersion(_ status: stat) -> String {
    "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
}

/// Reads folders whose names may be any bytes.
enum FolderReader {
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
    static func resolved(_ path: [UInt8]) -> [UInt8]? {
        guard let text = withPath(path, { realpath($0, nil) }) else { return nil }
        defer { free(text) }
        return Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
    }

    /// Passes a path of any bytes to a C function.
    static func withPath<R>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> R) -> R {
        (path.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { buffer in
            // An array with a terminator in it has a base address.
            guard let base = buffer.baseAddress else { preconditionFailure("an array with elements has no address") }
            return body(base)
        }
    }
}
