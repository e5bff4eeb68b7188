internal import BatchFormat
internal import Durable
internal import Fault
internal import JSON
internal import StageRun

/// The existing versions of the stage, which determine the layout of a listing's items.
struct EarlierVersions {
    /// The stage's folder.
    let folder: StageFolder
    /// Whether the run continues an unfinished one.
    let goesOn: Bool
    let events: EventLog

    /// Lays items out like the newest readable version, and like the parts that an unfinished run added to it. A
    /// damaged version is not built on: the items are then in different parts, but no object is transferred again
    /// because of that.
    func layOut(
        _ layOut: (_ base: VersionReader?, _ begun: [PartReader]) throws(Fault) -> PartLayout
    ) throws(Fault) -> PartLayout {
        for number in try folder.versions().reversed() {
            guard let base = try folder.readable(number) else { continue }
            do throws(Fault) {
                return try layOut(base, begun(after: number, from: base.seal.parts.count))
            } catch {
                guard error.kind == .damaged else { throw error }
                events.record(VersionDamaged("v\(number)", "v\(number) is ignored: \(error)"))
            }
        }
        return try layOut(nil, begun(after: 0, from: 0))
    }

    /// The sealed parts, from an index on, of the newest unfinished version.
    private func begun(after number: Int, from start: Int) throws(Fault) -> [PartReader] {
        guard goesOn, let last = try folder.versions().last, last > number, !folder.isSealed(last) else { return [] }
        var parts: [PartReader] = []
        while true {
            let name = VersionFolder.partName(start + parts.count)
            guard Folders.exists("\(folder.version(last))/\(name)/\(PartFolder.sealName)") else { return parts }
            do throws(Fault) {
                let part = try PartReader(version: folder.version(last), name: name, digest: nil)
                // Read once here: a damaged part is made again, together with those after it.
                _ = (try part.rejects(), try ListingRecord.read(part))
                parts.append(part)
            } catch {
                guard error.kind == .damaged else { throw error }
                return parts
            }
        }
    }
}
