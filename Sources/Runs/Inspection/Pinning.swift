public import BatchFormat
internal import Durable
public import Fault

/// A person's decisions about `current`.
public enum Pinning {
    /// Accepts a version: points `current` at it and pins it there, regardless of gates and later runs.
    ///
    /// - Throws: 66 if the version is not sealed, 75 while a run is writing the stage.
    public static func use(_ number: Int, in folder: StageFolder) throws(Fault) {
        guard try folder.versions().contains(number) else {
            throw Fault(.missing, "'\(folder.path)' has no version v\(number)")
        }
        _ = try VersionReader(folder.version(number))
        let lock = try folder.lock()
        try folder.setPinned(number)
        try folder.setCurrent(number)
        if folder.held() == number { try folder.setHeld(nil) }
        lock.release()
    }

    /// Makes `current` follow the runs again, starting with the next one.
    public static func unpin(_ folder: StageFolder) throws(Fault) {
        guard Folders.isFolder(folder.path) else { throw Fault(.missing, "there is no '\(folder.path)'") }
        let lock = try folder.lock()
        try folder.setPinned(nil)
        lock.release()
    }
}
