public import Digests
internal import Durable
public import Fault
internal import JSON

/// A complete part that only has to be sealed. A value, so that another thread may seal it while the next part is being
/// made.
public struct FinishedPart: Sendable {
    let folder: String
    let final: String
    let version: String
    let itemsIn: Int
    let items: Int
    let split: SplitCount
    let rejectedByReason: [(reason: String, count: Int)]
    /// Files whose bytes may not be on disk yet, each with its digest if already known.
    let written: [(file: WrittenFile, sha256: Digest?)]
    /// Files written by others, with their digests.
    let objects: [SealedFile]
    /// Batches of the part that were made smaller because memory was short.
    let memoryCuts: MemoryCuts

    /// Seals and publishes the part: flushes everything, writes the seal last, renames the folder.
    public func seal(tool: String, key: Digest, input: Digest, run: RunFigures) throws(Fault) -> PartSeal {
        var files = objects
        for (file, sha256) in written {
            try file.handle.sync()
            let sha256 = if let sha256 { sha256 } else { try Digest(ofContentOf: file.handle) }
            files.append(
                SealedFile(name: Folders.name(of: file.handle.path), bytes: try file.handle.size(), sha256: sha256))
        }
        files.sort { $0.name.precedesByBytes($1.name) }
        var run = run
        run.memoryCuts = memoryCuts
        let seal = PartSeal(
            tool: tool, key: key, input: input, itemsIn: itemsIn, items: items, split: split,
            rejectedByReason: rejectedByReason, files: files, run: run)
        // A single wait for all raw objects: flushing hundreds of small files one by one takes a disk access each.
        if !objects.isEmpty { try FileHandle.folder(folder).syncFilesystem() }
        try AtomicFile.write(seal.sealed.bytes(), to: "\(folder)/\(PartFolder.sealName)")
        try Folders.rename(folder, to: final)
        try Folders.sync(version)
        return seal
    }
}

/// An open file with several owners.
final class WrittenFile: Sendable {
    let handle: FileHandle

    init(_ path: String) throws(Fault) { handle = try FileHandle.creating(path) }
}
