public import Fault
internal import Glibc

/// Creates, lists, renames and removes folders and the files in them.
public enum Folders {
    /// Whether the path exists (a dangling link counts as absent).
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Whether the path is a folder.
    public static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Creates a folder in an existing parent; false if it existed already.
    @discardableResult
    public static func make(_ path: String) throws(Fault) -> Bool {
        if let code = FaultInjection.strike(.mkdir, path) { throw .system("make the folder", path, errno: code) }
        if mkdir(path, 0o777) == 0 { return true }
        guard errno == EEXIST else { throw .system("make the folder", path) }
        guard isFolder(path) else {
            throw Fault(.disk, "cannot make the folder '\(path)': a file of that name is in the way")
        }
        return false
    }

    /// Creates a folder and its missing parents, flushing each new name in its parent.
    public static func makeAll(_ path: String) throws(Fault) {
        if path.isEmpty || isFolder(path) { return }
        let parent = parent(of: path)
        if parent != path { try makeAll(parent) }
        if try make(path) { try sync(parent.isEmpty ? "." : parent) }
    }

    /// The names in a folder in byte order, without `.` and `..`.
    public static func names(in path: String) throws(Fault) -> [String] {
        guard let stream = opendir(path) else { throw .system("list", path) }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
            errno = 0
        }
        // A disk error ends the loop just as the last name does; half a listing must not pass for a whole one.
        guard errno == 0 else { throw .system("list", path) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Waits until the names in a folder are on disk.
    public static func sync(_ path: String) throws(Fault) { try FileHandle.folder(path).sync() }

    /// Removes a file or a whole folder, if it exists. Links are removed, never followed.
    public static func remove(_ path: String) throws(Fault) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw .system("remove", path)
        }
        if let code = FaultInjection.strike(.unlink, path) { throw .system("remove", path, errno: code) }
        if status.st_mode & S_IFMT == S_IFDIR {
            for name in try names(in: path) { try remove("\(path)/\(name)") }
            guard rmdir(path) == 0 || errno == ENOENT else { throw .system("remove", path) }
        } else {
            guard unlink(path) == 0 || errno == ENOENT else { throw .system("remove", path) }
        }
    }

    /// Renames within one filesystem, atomically replacing a file or an empty folder of that name.
    public static func rename(_ old: String, to new: String) throws(Fault) {
        if let code = FaultInjection.strike(.rename, new) { throw .system("rename to", new, errno: code) }
        guard Glibc.rename(old, new) == 0 else { throw .system("rename to", new) }
    }

    /// Gives a file a second name, or copies it if the filesystem does not support links.
    public static func linkOrCopy(_ file: String, to new: String) throws(Fault) {
        if let code = FaultInjection.strike(.link, new) { throw .system("link", new, errno: code) }
        if link(file, new) == 0 { return }
        guard [EXDEV, EMLINK, EPERM, EOPNOTSUPP].contains(errno) else { throw .system("link", new) }
        try copy(file, to: new)
    }

    private static func copy(_ file: String, to new: String) throws(Fault) {
        let source = try FileHandle.reading(file)
        let target = try FileHandle.creating(new)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { buffer.deallocate() }
        while true {
            let count = try source.read(into: buffer)
            if count == 0 { break }
            try target.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        try target.sync()
    }

    /// The target of a symbolic link; `nil` if there is no such link.
    public static func linkTarget(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count - 1)
        return count < 0 ? nil : String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Points a symbolic link at a target, atomically, and flushes its name.
    public static func pointLink(_ path: String, at target: String) throws(Fault) {
        let temporary = "\(parent(of: path))/.tmp-\(name(of: path))"
        try remove(temporary)
        if let code = FaultInjection.strike(.symlink, path) { throw .system("link", path, errno: code) }
        guard symlink(target, temporary) == 0 else { throw .system("link", temporary) }
        try rename(temporary, to: path)
        try sync(parent(of: path))
    }

    /// The absolute path with links resolved; `nil` if it does not exist.
    public static func resolved(_ path: String) -> String? {
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }

    /// Everything before the last `/`; `.` if there is none.
    ///
    /// Searches for the byte, because in Swift a slash followed by a combining mark is a different character.
    public static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Everything after the last `/`.
    public static func name(of path: String) -> String {
        let utf8 = path.utf8
        return utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[utf8.index(after: $0)...]) } ?? path
    }
}
