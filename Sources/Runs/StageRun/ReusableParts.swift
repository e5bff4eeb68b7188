internal import BatchFormat
internal import Digests
internal import Fault
internal import JSON

/// The sealed parts of a stage, by their keys: what a run need not make again.
final class ReusableParts {
    private let folder: StageFolder
    private let events: EventLog

    init(_ folder: StageFolder, events: EventLog) {
        self.folder = folder
        self.events = events
    }

    /// An intact part with this key, from the newest version that has one.
    func find(_ key: Digest) throws(Fault) -> PartReader? {
        for found in (places[key] ?? []).reversed() {
            if let part = try intact(in: found.version, found.name, checkingFiles: true) { return part }
        }
        return nil
    }

    /// A sealed part; `nil`, with a warning, if it is damaged. Damage must not spread into new versions, so the part is
    /// made again instead.
    func intact(in version: String, _ name: String, checkingFiles: Bool) throws(Fault) -> PartReader? {
        do throws(Fault) {
            let part = try PartReader(version: version, name: name, digest: nil)
            guard checkingFiles else { return part }
            // Released objects are not damage: the results made from them exist, under keys that are still valid.
            let released = try part.released()
            for file in part.seal.files where released?.covers(file.name) != true { _ = try part.checked(file.name) }
            return part
        } catch {
            guard error.kind == .damaged || error.kind == .missing else { throw error }
            events.record(PartDamaged(name, ofVersion: version, error))
            return nil
        }
    }

    private lazy var places: [Digest: [(version: String, name: String)]] = {
        var places: [Digest: [(version: String, name: String)]] = [:]
        for number in (try? folder.versions()) ?? [] {
            let path = folder.version(number)
            for name in (try? VersionFolder.sealedParts(in: path)) ?? [] {
                // A part with a damaged seal is not a candidate; verify reports it.
                guard let part = try? PartReader(version: path, name: name, digest: nil) else { continue }
                places[part.seal.key, default: []].append((path, name))
            }
        }
        return places
    }()
}
