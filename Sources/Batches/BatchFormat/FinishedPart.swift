public import Digests
internal import Durable
public import Fault
public import JSON

/// A part that holds all that it will ever hold, and that only has to be sealed. A value, so that another thread may do
/// that while the next part is being made.
public struct FinishedPart: Sendable {
    let folder: String
    let final: String
    let version: String
    let itemsIn: Int
    let items: Int
    let split: SplitCount
    let rejectedByReason: [(reason: String, count: Int)]
    /// Files whose bytes may not be on the disk yet, each with its digest if that is known already.
    let written: [(file: WrittenFile, sha256: Digest?)]
    /// Files that others have written, and vouch for.
    let objects: [SealedFile]
    /// What the making adds to the seal's `run`.
    let figures: JSONObject

    /// Seals and publishes the part: everything flushed, the seal written last, the folder renamed.
    public func seal(tool: String, key: Digest, input: Digest, run: JSONObject) throws(Fault) -> PartSeal {
        var files = objects
        for (file, sha256) in written {
            try file.handle.sync()
            let sha256 = if let sha256 { sha256 } else { try Digest(ofContentOf: file.handle) }
            files.append(
                SealedFile(name: Folders.name(of: file.handle.path), bytes: try file.handle.size(), sha256: sha256))
        }
        files.sort { $0.name.precedesByBytes($1.name) }
        var run = run
        for (name, figure) in figures.members { run[name] = figure }
        let seal = PartSeal(
            tool: tool, key: key, input: input, itemsIn: itemsIn, items: items, split: split,
            rejectedByReason: rejectedByReason, files: files, run: run)
        // One wait for all raw objects: flushing hundreds of small files one by one costs a disk turn each.
        if !objects.isEmpty { try FileHandle.folder(folder).syncFilesystem() }
        try AtomicFile.write(seal.sealed.bytes(), to: "\(folder)/\(PartFolder.sealName)")
        try Folders.rename(folder, to: final)
        try Folders.sync(version)
        return seal
    }
}

/// An open file that several may hold.
final class WrittenFile: Sendable {
    let handle: FileHandle

    init(_ path: String) throws(Fault) { handle = try FileHandle.creating(path) }
}
