public import Durable
public import Fault

/// A stage's folder in a batch, `ROOT/PIPELINE/BATCH/STAGE`, and what is in it: its paths are made here.
public struct StageFolder: Sendable, Equatable {
    /// The batch.
    public let address: BatchAddress
    /// The stage's name.
    public let stage: String

    /// Names a stage of a batch; throws if the name is not valid.
    public init(_ address: BatchAddress, stage: String) throws(Fault) {
        self.address = address
        self.stage = try Names.check(stage, "stage")
    }

    /// `ROOT/PIPELINE/BATCH/STAGE`
    public var path: String { "\(address.path)/\(stage)" }
    /// The pipeline's name.
    public var pipeline: String { address.pipeline }
    /// The batch's id.
    public var batch: String { address.batch }

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
    /// The pinned version, unless it has gone: what the stages after this one read, whatever a run of this one does.
    public func sealedPin() -> Int? { pinned().flatMap { isSealed($0) ? $0 : nil } }
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
                "another run is writing '\(path)' and holds the stage's lock until it ends; run this again later",
                origin: .lockHolder)
        }
        return lock
    }
}
