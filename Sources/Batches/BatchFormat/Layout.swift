public import Durable
public import Fault
internal import Time

/// Where things are under a root: all paths are made here.
public struct StageFolder: Sendable, Equatable {
    /// `ROOT/PIPELINE/BATCH/STAGE`
    public let path: String
    /// The pipeline's name.
    public let pipeline: String
    /// The batch's id.
    public let batch: String
    /// The stage's name.
    public let stage: String

    /// Makes a stage's folder; throws if a name is not valid.
    public init(root: String, pipeline: String, batch: String, stage: String) throws(Fault) {
        self.pipeline = try Names.check(pipeline, "pipeline")
        self.batch = try Names.check(batch, "batch")
        self.stage = try Names.check(stage, "stage")
        path = "\(root)/\(pipeline)/\(batch)/\(stage)"
    }

    /// Every folder under a root that can be a stage's, with or without versions, in byte order of the names.
    ///
    /// - Parameters:
    ///   - pipeline: only this pipeline.
    ///   - batch: only this batch.
    public static func all(root: String, pipeline: String? = nil, batch: String? = nil) throws(Fault) -> [StageFolder] {
        guard Folders.isFolder(root) else { throw Fault(.missing, "there is no root '\(root)'") }
        var found: [StageFolder] = []
        for pipelineName in try folders(in: root) where pipeline == nil || pipeline == pipelineName {
            for batchName in try folders(in: "\(root)/\(pipelineName)") where batch == nil || batch == batchName {
                for stage in try folders(in: "\(root)/\(pipelineName)/\(batchName)") {
                    found.append(try StageFolder(root: root, pipeline: pipelineName, batch: batchName, stage: stage))
                }
            }
        }
        return found
    }

    private static func folders(in path: String) throws(Fault) -> [String] {
        try Folders.names(in: path).filter {
            (try? Names.check($0, "name")) != nil && Folders.isFolder("\(path)/\($0)")
        }
    }

    /// The path of version `number`.
    public func version(_ number: Int) -> String { "\(path)/v\(number)" }

    /// The path of a lock's file.
    public func lockFile(_ name: String) -> String { "\(path)/.locks/\(name)" }

    /// The numbers of all versions, sealed or not, ascending; empty if the folder does not exist.
    public func versions() throws(Fault) -> [Int] {
        guard Folders.isFolder(path) else { return [] }
        return try Folders.names(in: path).compactMap(Self.number).sorted()
    }

    /// Whether a version is sealed.
    public func isSealed(_ number: Int) -> Bool { Folders.exists("\(version(number))/\(VersionFolder.sealName)") }

    /// A sealed version; `nil` if it is not sealed, or if its seal is damaged, because nothing is built on damaged
    /// versions.
    public func readable(_ number: Int) throws(Fault) -> VersionReader? {
        guard isSealed(number) else { return nil }
        do throws(Fault) { return try VersionReader(version(number)) } catch {
            guard error.kind == .damaged else { throw error }
            return nil
        }
    }

    /// The newest sealed version whose seal is not damaged, if there is one.
    public func newestSealed() throws(Fault) -> VersionReader? {
        for number in try versions().reversed() {
            if let version = try readable(number) { return version }
        }
        return nil
    }

    /// The version that `current` points at, if there is one.
    public func current() -> Int? { link("current") }
    /// The version that a person pinned `current` to, if any.
    public func pinned() -> Int? { link("pinned") }
    /// The version that a gate holds back from `current`, if any.
    public func held() -> Int? { link("held") }

    /// The version that represents the stage's state: the one held back, otherwise the current one.
    public func shown() -> Int? { held() ?? current() }

    /// Points `current` at a sealed version.
    public func setCurrent(_ number: Int) throws(Fault) {
        guard isSealed(number) else {
            throw Fault(.missing, "'\(version(number))' is not sealed: current can only point at a sealed version")
        }
        try Folders.pointLink("\(path)/current", at: "v\(number)")
    }

    /// Pins `current` to a version, or unpins it.
    public func setPinned(_ number: Int?) throws(Fault) { try setMark("pinned", number) }
    /// Records which version a gate holds back; `nil` for none.
    public func setHeld(_ number: Int?) throws(Fault) { try setMark("held", number) }

    private func setMark(_ name: String, _ number: Int?) throws(Fault) {
        if let number {
            try Folders.pointLink("\(path)/\(name)", at: "v\(number)")
        } else if Folders.linkTarget("\(path)/\(name)") != nil {
            try Folders.remove("\(path)/\(name)")
            try Folders.sync(path)
        }
    }

    private func link(_ name: String) -> Int? { Folders.linkTarget("\(path)/\(name)").flatMap(Self.number) }

    /// The number in `v12`; `nil` for anything else.
    public static func number(_ name: String) -> Int? {
        guard name.hasPrefix("v"), let number = Int(name.dropFirst()), number > 0, "v\(number)" == name else {
            return nil
        }
        return number
    }

    /// Takes the stage's writer lock; throws 75 if another run holds it.
    public func lock(_ sharing: FolderLock.Sharing = .exclusive) throws(Fault) -> FolderLock {
        try Folders.makeAll(path)
        guard let lock = try FolderLock.trying(folder: path, sharing) else {
            throw Fault(
                .retryLater,
                "another run is writing '\(path)' and holds the stage's lock until it ends; run this again later")
        }
        return lock
    }
}

/// The fixed names inside a version.
public enum VersionFolder {
    /// The version's seal, written last.
    public static let sealName = "batch.json"
    /// The version's manifest, written first.
    public static let manifestName = "run.json"
    /// The run's structured log, outside every digest.
    public static let eventsName = "events.jsonl"

    /// The name of part `index`.
    public static func partName(_ index: Int) -> String { "part-\(index.padded(to: 5))" }

    /// The index in `part-00012`; `nil` for anything else.
    public static func partIndex(_ name: String) -> Int? {
        guard name.hasPrefix("part-"), let index = Int(name.dropFirst(5)), index >= 0, partName(index) == name else {
            return nil
        }
        return index
    }

    /// The names of the sealed parts in a version's folder, in the order of their numbers (which differs from byte
    /// order from 100000 on).
    public static func sealedParts(in version: String) throws(Fault) -> [String] {
        try Folders.names(in: version).compactMap(partIndex).sorted().map(partName).filter {
            Folders.exists("\(version)/\($0)/\(PartFolder.sealName)")
        }
    }

    /// Removes the temporary files of a run that died.
    public static func removeTemporaries(in version: String) throws(Fault) {
        for name in try Folders.names(in: version) where name.hasPrefix(".tmp-") {
            try Folders.remove("\(version)/\(name)")
        }
    }
}

/// The fixed names inside a part.
public enum PartFolder {
    /// The part's seal, written last.
    public static let sealName = "part.json"
    /// The ledger.
    public static let itemsName = "items.jsonl"
    /// The rejected items.
    public static let rejectsName = "rejects.jsonl"
    /// The raw bytes, in parts of fetch.
    public static let objectsName = "objects"
}
