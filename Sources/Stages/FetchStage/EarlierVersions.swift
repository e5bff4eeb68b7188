internal import BatchFormat
internal import Durable
internal import Fault
internal import JSON
internal import StageRun

/// The versions of the stage that are there already, on which a listing's items are laid out.
struct EarlierVersions {
    /// The stage's folder.
    let folder: StageFolder
    /// Whether the run goes on with what one that did not come to its end has begun.
    let goesOn: Bool
    let events: EventLog

    /// Lays items out on the newest version that can be read, and on what a run that did not come to its end added to it. A
    /// version that is damaged is not built on: the items come to stand in other parts then, but no object is transferred
    /// again for that.
    func layOut(
        _ layOut: (_ base: VersionReader?, _ begun: [PartReader]) throws(Fault) -> PartLayout
    ) throws(Fault) -> PartLayout {
        for number in try folder.versions().reversed() {
            guard let base = try folder.readable(number) else { continue }
            do throws(Fault) {
                return try layOut(base, begun(after: number, from: base.seal.parts.count))
            } catch {
                guard error.kind == .damaged else { throw error }
                events.record(
                    "version_damaged", level: .warning, "v\(number) is not built on: \(error)",
                    ["version": .string("v\(number)")])
            }
        }
        return try layOut(nil, begun(after: 0, from: 0))
    }

    /// The sealed parts, from an index on, of the newest version that was begun and not finished.
    private func begun(after number: Int, from start: Int) throws(Fault) -> [PartReader] {
        guard goesOn, let last = try folder.versions().last, last > number, !folder.isSealed(last) else { return [] }
        var parts: [PartReader] = []
        while true {
            let name = VersionFolder.partName(start + parts.count)
            guard Folders.exists("\(folder.version(last))/\(name)/\(PartFolder.sealName)") else { return parts }
            do throws(Fault) {
                let part = try PartReader(version: folder.version(last), name: name, digest: nil)
                // Read once here: what is damaged is made again, with those after it.
                _ = (try part.rejects(), try ListingRecord.read(part))
                parts.append(part)
            } catch {
                guard error.kind == .damaged else { throw error }
                return parts
            }
        }
    }
}
