internal import Durable
internal import Fault
internal import Glibc
internal import Time
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

    var addresses: [String] {
        [path, String(decoding: root, as: UTF8.self)].flatMap { path in
            let folder = path.hasSuffix("/") ? path : path + "/"
            return [folder, "file://\(folder)"]
        }
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

    func route(toKey key: String) -> ObjectRoute {
        // A folder has no names that are empty: "d//a" would be another key's file.
        let isName = key.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
        return isName ? route(toRelative: Array(key.utf8)) : ObjectRoute(name: "\(origin)\(key)", way: .gone)
    }

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
            lastModified: Moment(seconds: status.st_mtim.tv_sec).text(decimals: 0), version: fileVersion(status),
            address: relative)
    }
}
