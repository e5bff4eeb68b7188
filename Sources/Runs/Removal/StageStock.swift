internal import BatchFormat
internal import Durable
internal import Fault
internal import JSON

/// A version, for housekeeping.
struct StockedVersion {
    let number: Int
    /// Whether it has a seal, readable or not.
    let isSealed: Bool
    /// The version, read by its seal; `nil` without a seal, or if it is damaged.
    let reader: VersionReader?
    /// The versions that it was made from, as far as its seal or its manifest says.
    let inputs: [InputReference]

    init(_ number: Int, in folder: StageFolder) throws(Fault) {
        self.number = number
        isSealed = folder.isSealed(number)
        reader = try folder.readable(number)
        if let reader {
            inputs = reader.seal.inputs
        } else {
            let manifest = try? RunManifest(reading: "\(folder.version(number))/\(VersionFolder.manifestName)")
            inputs = manifest?.inputs ?? []
        }
    }
}

/// A stage of one batch, for housekeeping.
struct StageStock {
    let folder: StageFolder
    /// All versions, ascending.
    let versions: [StockedVersion]
    /// The versions that `current`, `pinned` and `held` point at, with the links' names.
    let marked: [Int: [String]]
    /// A link that points at no version, so that it is unknown what it keeps.
    let strangeLink: String?

    init(_ folder: StageFolder) throws(Fault) {
        self.folder = folder
        var versions: [StockedVersion] = []
        for number in try folder.versions() { versions.append(try StockedVersion(number, in: folder)) }
        self.versions = versions
        var (marked, strange): ([Int: [String]], String?) = ([:], nil)
        for name in ["current", "pinned", "held"] {
            guard let target = Folders.linkTarget("\(folder.path)/\(name)") else { continue }
            if let number = StageFolder.number(target) {
                marked[number, default: []].append(name)
            } else {
                strange = name
            }
        }
        (self.marked, strangeLink) = (marked, strange)
    }

    func version(_ number: Int) -> StockedVersion? { versions.first { $0.number == number } }

    /// The stages that any of its versions read.
    var inputStages: Set<String> { Set(versions.flatMap(\.inputs).map(\.stage)) }

    /// Whether its versions are fetch's, which contain raw objects.
    var holdsRawObjects: Bool { versions.contains { $0.reader?.seal.identity.tool == "fetch" } }

    /// The temporary files of dead runs, in the stage's folder and in some of its versions.
    func leftovers(in numbers: [Int]) throws(Fault) -> [String] {
        // A folder that no run has made belongs to the user.
        guard !versions.isEmpty || Folders.exists("\(folder.path)/.locks") else { return [] }
        var paths: [String] = []
        for path in [folder.path] + numbers.map(folder.version) {
            for name in try Folders.names(in: path) where name.hasPrefix(".tmp-") { paths.append("\(path)/\(name)") }
        }
        return paths
    }
}
