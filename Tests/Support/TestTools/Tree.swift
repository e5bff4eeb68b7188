internal import Foundation
public import JSON

/// Everything under a folder, in a form in which two runs of the same thing are equal.
///
/// What may differ between runs is omitted: `events.jsonl`, and the `run` objects of JSON files, which contain times,
/// the host and the file's checksum. Everything else is compared byte by byte: names, contents, link targets.
public struct Tree: Sendable, Equatable {
    /// The entry at each path, relative to the folder.
    public let entries: [String: Entry]

    /// An entry at a path.
    public enum Entry: Sendable, Equatable {
        /// A folder.
        case folder
        /// A link and its target.
        case link(String)
        /// A file's bytes.
        case file([UInt8])
        /// A JSON file without its `run` object.
        case sealed(JSON)
    }

    /// Looks at a folder.
    ///
    /// Lock files and endings, which say who was last at work and when, are left out too.
    ///
    /// - Parameter skipping: leaves out every path that holds one of these names.
    public init(_ folder: String, skipping names: Set<String> = []) throws {
        var entries: [String: Entry] = [:]
        let files = FileManager.default
        for path in try files.subpathsOfDirectory(atPath: folder) {
            let parts = path.split(separator: "/").map(String.init)
            if parts.last == "events.jsonl" || !names.isDisjoint(with: parts) || parts.contains(".locks")
                || parts.contains(".runs")
            {
                continue
            }
            let place = "\(folder)/\(path)"
            let kind = try files.attributesOfItem(atPath: place)[.type] as? FileAttributeType
            switch kind {
            case .typeDirectory: entries[path] = .folder
            case .typeSymbolicLink: entries[path] = .link(try files.destinationOfSymbolicLink(atPath: place))
            default: entries[path] = try Self.content(place)
            }
        }
        self.entries = entries
    }

    private static func content(_ path: String) throws -> Entry {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        guard path.hasSuffix(".json"), case .object(var object) = try JSON(parsing: bytes) else { return .file(bytes) }
        object["run"] = nil
        return .sealed(.object(object))
    }

    /// The paths at which two trees differ, with how; empty if they are the same.
    public func differences(from other: Tree) -> [String] {
        Set(entries.keys).union(other.entries.keys).sorted().compactMap { path in
            switch (entries[path], other.entries[path]) {
            case (nil, _): "\(path): only in the second"
            case (_, nil): "\(path): only in the first"
            case (let one?, let two?): one == two ? nil : "\(path): differs"
            default: nil
            }
        }
    }
}
