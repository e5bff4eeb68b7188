public import BatchFormat
internal import Digests
internal import Durable
internal import Fault

/// Whether a version still follows from its recorded inputs.
public enum LineageCheck {
    /// The mismatches between a version and those it was made from: an input whose digest differs from the one that was
    /// read, or a part that was not made from the part with the same number.
    ///
    /// A missing input is not damage, because whole versions may be deleted. An input whose own seal is damaged is
    /// reported when that version is verified.
    public static func damages(of version: VersionReader) -> [Damage] {
        let seal = "\(version.path)/\(VersionFolder.sealName)"
        var damages: [Damage] = []
        for reference in version.seal.inputs {
            guard let input = input(reference, of: version) else { continue }
            guard input.seal.digest == reference.digest else {
                damages.append(
                    Damage(
                        path: seal,
                        message: "'\(version.path)' was made from a different '\(input.path)' than the existing one"))
                continue
            }
            damages += parts(of: version, from: input)
        }
        return damages
    }

    /// The version behind a reference, as it is now; `nil` if it is missing or cannot be read.
    static func input(_ reference: InputReference, of version: VersionReader) -> VersionReader? {
        try? VersionReader(reference.folder(under: InputReference.root(ofVersion: version.path)))
    }

    private static func parts(of version: VersionReader, from input: VersionReader) -> [Damage] {
        // A store's version has no parts.
        guard !version.seal.parts.isEmpty else { return [] }
        guard version.seal.parts.count == input.seal.parts.count else {
            let counts = "\(version.seal.parts.count) parts, its input '\(input.path)' \(input.seal.parts.count)"
            return [
                Damage(
                    path: "\(version.path)/\(VersionFolder.sealName)", message: "'\(version.path)' has \(counts)")
            ]
        }
        return version.seal.parts.indices.compactMap { index in
            // A damaged part has been reported already.
            guard let part = try? version.part(index) else { return nil }
            let source = input.seal.parts[index]
            let place = "\(part.folder)/\(PartFolder.sealName)"
            if part.seal.input != source.digest {
                return Damage(path: place, message: "'\(place)' was not made from '\(input.path)/\(source.name)'")
            }
            if part.seal.itemsIn != source.items {
                return Damage(
                    path: place,
                    message: "'\(place)' read \(part.seal.itemsIn) items, its input part has \(source.items)")
            }
            return nil
        }
    }
}
