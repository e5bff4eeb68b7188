internal import BatchFormat
internal import Durable
internal import Fault

/// The locks on a batch's idle stages, and the stages that are skipped because a run is using them.
struct BusyStages: ~Copyable {
    /// Why a stage must not be touched, by its name.
    let reasons: [String: String]
    // Held until housekeeping has finished with the batch, so that no run starts meanwhile.
    private let locks: Locks

    /// Takes the locks that are free.
    ///
    /// A running stage reads earlier stages. Its manifest names the versions, but only once it is written, so all of
    /// these stages are skipped; if it is unknown which they are, the whole batch is.
    init(_ folders: [StageFolder], dryRun: Bool) throws(Fault) {
        let locks = Locks()
        var busy: Set<String> = []
        for folder in folders where try !locks.take(folder, keep: !dryRun) { busy.insert(folder.stage) }
        var reasons: [String: String] = [:]
        for name in busy { reasons[name] = "a run is working on it" }
        var reads: [String: Set<String>] = [:]
        if !busy.isEmpty {
            for folder in folders { reads[folder.stage] = try StageStock(folder).inputStages }
        }
        for name in busy.sorted() {
            let isFirst = try folders.first { $0.stage == name }.map(Self.readsNothing) ?? false
            if !isFirst, reads[name, default: []].isEmpty {
                for folder in folders where reasons[folder.stage] == nil {
                    reasons[folder.stage] = "the run of \(name) may be reading it"
                }
            }
            var (waiting, seen): ([String], Set<String>) = (reads[name, default: []].sorted(), [])
            while let input = waiting.popLast() {
                guard seen.insert(input).inserted else { continue }
                if reasons[input] == nil { reasons[input] = "the run of \(name) may be reading it" }
                waiting += reads[input, default: []].sorted()
            }
        }
        self.reasons = reasons
        self.locks = locks
    }

    /// Releases the locks.
    consuming func release() { withExtendedLifetime(locks) {} }

    /// Whether the stage is one of fetch's, which read no other stage.
    private static func readsNothing(_ folder: StageFolder) throws(Fault) -> Bool {
        for number in try folder.versions() {
            let manifest = try? RunManifest(reading: "\(folder.version(number))/\(VersionFolder.manifestName)")
            if manifest?.identity.tool == "fetch" { return true }
        }
        return false
    }
}

/// A number of locks, each released when this object is.
private final class Locks {
    private var held: [Box] = []

    private final class Box {
        let lock: FolderLock
        init(_ lock: consuming FolderLock) { self.lock = lock }
    }

    /// Takes a stage's lock; false if it is taken.
    func take(_ folder: StageFolder, keep: Bool) throws(Fault) -> Bool {
        guard let lock = try FolderLock.trying(folder: folder.path, .exclusive) else { return false }
        if keep { held.append(Box(lock)) }
        return true
    }
}
