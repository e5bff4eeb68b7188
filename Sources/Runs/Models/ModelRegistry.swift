internal import Durable
public import Fault
internal import TOMLText

/// The models folder: `NAME/VERSION/` contains a package, and a symlink `NAME/ALIAS` names a version beside it.
public struct ModelRegistry: Sendable {
    /// The folder's path.
    public let folder: String

    /// Makes a registry for a folder, which need not exist.
    public init(folder: String) { self.folder = folder }

    /// A version or an alias of a model.
    public struct Entry: Sendable, Hashable {
        /// Its name.
        public let name: String
        /// The version behind an alias; `nil` for a version.
        public let aliasOf: String?
    }

    /// The names of all models, in byte order.
    public func models() throws(Fault) -> [String] {
        guard Folders.isFolder(folder) else { return [] }
        return try Folders.names(in: folder).filter { ModelReference.isName($0) && Folders.isFolder("\(folder)/\($0)") }
    }

    /// The versions and aliases of a model, in byte order; empty if there is no such model.
    public func entries(of model: String) throws(Fault) -> [Entry] {
        let path = "\(folder)/\(model)"
        guard Folders.isFolder(path) else { return [] }
        return try Folders.names(in: path).compactMap { name in
            guard ModelReference.isName(name), Folders.isFolder("\(path)/\(name)") else { return nil }
            return Entry(name: name, aliasOf: Folders.linkTarget("\(path)/\(name)"))
        }
    }

    /// Follows an alias; returns the reference by version, and the package's folder.
    ///
    /// - Throws: `.configuration` for a model or version that is not registered, listing those that are.
    public func resolve(_ reference: ModelReference) throws(Fault) -> (reference: ModelReference, folder: String) {
        let known = try entries(of: reference.name)
        guard !known.isEmpty else { throw try unknownModel(reference) }
        guard let entry = known.first(where: { $0.name == reference.version }) else {
            throw Fault(
                .configuration,
                "the model '\(reference.name)' has no version or alias '\(reference.version)'"
                    + ending(known.map(\.name), near: reference.version, said: known.map(Self.said)))
        }
        // An alias may name only a sibling: a package is found by its place in the registry.
        let version = entry.aliasOf ?? entry.name
        guard known.contains(where: { $0.name == version && $0.aliasOf == nil }) else {
            throw Fault(
                .configuration,
                "the alias '\(folder)/\(reference)' points at '\(version)', which is not a version beside it")
        }
        return (ModelReference(name: reference.name, version: version), "\(folder)/\(reference.name)/\(version)")
    }

    private func unknownModel(_ reference: ModelReference) throws(Fault) -> Fault {
        let names = try models()
        return Fault(
            .configuration,
            names.isEmpty
                ? "the model '\(reference)' is not registered: there are no models in '\(folder)'"
                : "the model '\(reference.name)' is not registered in '\(folder)'"
                    + ending(names, near: reference.name, said: names))
    }

    private func ending(_ names: [String], near: String, said: [String]) -> String {
        let guess = nearest(to: near, among: names).map { "; did you mean '\($0)'?" } ?? ""
        return "\(guess) (registered: \(said.joined(separator: ", ")))"
    }

    private static func said(_ entry: Entry) -> String {
        entry.aliasOf.map { "\(entry.name) -> \($0)" } ?? entry.name
    }
}
