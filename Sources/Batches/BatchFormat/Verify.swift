public import Digests
internal import Durable
public import Fault

/// A defect of the files on disk.
public struct Damage: Sendable {
    /// The file that is damaged, missing or not listed in a seal.
    public let path: String
    /// What is wrong with it.
    public let message: String

    /// Makes a damage.
    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }
}

/// What a verification checked.
public struct Verification: Sendable {
    /// How much of a version to read.
    public enum Reading: Sendable {
        /// Manifest and seals; every other file must exist with the sealed size.
        case seals
        /// Every byte.
        case bytes
    }

    /// Files whose bytes were compared with a digest.
    public fileprivate(set) var files = 0
    /// Bytes that were hashed or, if only seals were read, the size of the files.
    public fileprivate(set) var bytes = 0
    /// How many raw objects are missing because they were released, by the digest of their part's seal: a part shared
    /// by several versions counts once.
    public fileprivate(set) var releasedByPart: [Digest: Int] = [:]
    /// The number of raw objects that are missing because they were released.
    public var released: Int { releasedByPart.values.reduce(0, +) }
    /// The defects found.
    public fileprivate(set) var damages: [Damage] = []

    private let reading: Reading

    fileprivate init(_ reading: Reading) { self.reading = reading }

    fileprivate mutating func note(_ path: String, _ fault: Fault) {
        damages.append(Damage(path: path, message: fault.message))
    }

    /// Checks every byte of a sealed version: its manifest and seals against their own checksums, each part's seal
    /// against the version's, each file against its part's seal, each ledger line and tensor header for
    /// well-formedness, and that there are no unlisted files. Only the run's log is exempt.
    ///
    /// - Parameter reading: how much to read; with `.seals`, defects inside the data go undetected.
    public static func verify(version path: String, reading: Reading = .bytes) throws(Fault) -> Verification {
        var result = Verification(reading)
        let reader: VersionReader
        do throws(Fault) {
            reader = try VersionReader(path)
            result.files += 1
        } catch {
            guard error.kind == .damaged else { throw error }
            result.note("\(path)/\(VersionFolder.sealName)", error)
            return result
        }
        do throws(Fault) {
            let manifest = try reader.manifest()
            result.files += 1
            if !manifest.identity.isSame(as: reader.seal.identity) || manifest.inputs != reader.seal.inputs {
                throw Fault(.damaged, "'\(path)/\(VersionFolder.manifestName)' is the manifest of another version")
            }
        } catch {
            result.note("\(path)/\(VersionFolder.manifestName)", error)
        }
        for file in reader.seal.files { result.verify(file, in: path) }
        for entry in reader.seal.parts { try result.verify(part: entry, of: reader.seal.identity, in: path) }
        let keys = reader.seal.parts.map(\.key)
        if !keys.isEmpty, VersionSeal.fingerprint(of: keys) != reader.seal.fingerprint {
            let seal = "\(path)/\(VersionFolder.sealName)"
            result.note(seal, Fault(.damaged, "'\(seal)' has a fingerprint that does not match its parts"))
        }
        let known =
            reader.seal.parts.map(\.name) + reader.seal.files.map(\.name)
            + [VersionFolder.sealName, VersionFolder.manifestName, VersionFolder.eventsName]
        try result.findStrangers(in: path, known: Set(known))
        return result
    }

    private mutating func verify(
        part entry: PartEntry, of identity: VersionIdentity, in version: String
    ) throws(Fault) {
        let folder = "\(version)/\(entry.name)"
        let part: PartReader
        do throws(Fault) {
            part = try PartReader(version: version, name: entry.name, digest: entry.digest)
            files += 1
        } catch {
            note("\(folder)/\(PartFolder.sealName)", error)
            return
        }
        var (record, known): (ReleasedObjects?, Set<String>) = (nil, [PartFolder.sealName])
        do throws(Fault) {
            record = try part.released()
            if record != nil { known.insert(ReleasedObjects.fileName) }
        } catch {
            note("\(folder)/\(ReleasedObjects.fileName)", error)
            known.insert(ReleasedObjects.fileName)
        }
        for file in part.seal.files {
            if record?.covers(file.name) == true {
                releasedByPart[entry.digest, default: 0] += 1
            } else {
                verify(file, in: folder)
            }
        }
        do throws(Fault) {
            if part.seal.key != entry.key || part.seal.key != identity.key(input: part.seal.input) {
                throw Fault(.damaged, "'\(folder)' has a key that does not follow from its making")
            }
            if reading == .bytes { try checkContents(of: part) }
        } catch {
            // Damage already found by the digests is not reported twice.
            if !damages.contains(where: { $0.path.hasPrefix(folder + "/") }) { note(folder, error) }
        }
        for file in part.seal.files {
            var name = file.name
            known.insert(name)
            while let slash = name.lastIndex(of: "/") {
                name = String(name[..<slash])
                known.insert(name)
            }
        }
        try findStrangers(in: folder, known: known)
    }

    private func checkContents(of part: PartReader) throws(Fault) {
        let (items, rejects) = (try part.items(), try part.rejects())
        if items.count != part.seal.items || rejects.count != part.seal.rejected {
            throw Fault(.damaged, "'\(part.folder)' does not have as many lines as its seal says")
        }
        for file in part.seal.files where TensorNames.isTensorFile(file.name) { _ = try part.tensors(file.name) }
    }

    private mutating func verify(_ file: SealedFile, in folder: String) {
        files += 1
        bytes += file.bytes
        do throws(Fault) {
            switch reading {
            case .bytes: _ = try PartReader.checked(file, in: folder)
            case .seals: try PartReader.checkSize(file, in: folder)
            }
        } catch {
            note("\(folder)/\(file.name)", error)
        }
    }

    private mutating func findStrangers(in folder: String, known: Set<String>, under prefix: String = "") throws(Fault)
    {
        for name in try Folders.names(in: folder) {
            let relative = prefix + name
            if let target = Folders.linkTarget("\(folder)/\(name)") {
                damages.append(
                    Damage(
                        path: "\(folder)/\(name)",
                        message: "'\(folder)/\(name)' is a link to '\(target)', where a version has files of its own"))
                continue
            }
            if !known.contains(relative) {
                damages.append(
                    Damage(path: "\(folder)/\(name)", message: "'\(folder)/\(name)' is not listed in any seal"))
            } else if prefix.isEmpty == false || name == PartFolder.objectsName, Folders.isFolder("\(folder)/\(name)") {
                try findStrangers(in: "\(folder)/\(name)", known: known, under: relative + "/")
            }
        }
    }
}
