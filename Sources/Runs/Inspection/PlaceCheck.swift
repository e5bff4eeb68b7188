public import BatchFormat
internal import Durable
public import Fault

/// Whether the versions and links of a stage are where they say that they belong.
///
/// Digests cannot show this: another day's version that was copied in is sound in itself, and so is what a link to elsewhere
/// points at.
public enum PlaceCheck {
    /// The names in a stage's folder that are not what a run would have put there.
    public static func damages(of folder: StageFolder) throws(Fault) -> [Damage] {
        var damages = ["current", "pinned", "held"].compactMap { link($0, in: folder) }
        for number in try folder.versions() {
            if let damage = version(number, in: folder) { damages.append(damage) }
        }
        return damages
    }

    private static func link(_ name: String, in folder: StageFolder) -> Damage? {
        let path = "\(folder.path)/\(name)"
        if let target = Folders.linkTarget(path) {
            if StageFolder.number(target) != nil { return nil }
            return Damage(path: path, message: "'\(path)' points at '\(target)', which is not a version of the stage")
        }
        return Folders.exists(path) ? Damage(path: path, message: "'\(path)' is not a link to a version") : nil
    }

    private static func version(_ number: Int, in folder: StageFolder) -> Damage? {
        let path = folder.version(number)
        if let target = Folders.linkTarget(path) {
            return Damage(path: path, message: "'\(path)' is a link to '\(target)', not a version")
        }
        // A damaged seal is reported when the version itself is verified.
        guard let identity = try? VersionReader(path).seal.identity else { return nil }
        let said = [identity.pipeline, identity.batch, identity.stage]
        guard said != [folder.pipeline, folder.batch, folder.stage] else { return nil }
        let seal = "\(path)/\(VersionFolder.sealName)"
        return Damage(
            path: seal,
            message:
                "'\(seal)' is a version of \(said.joined(separator: " ")), which was copied or moved to '\(folder.path)'"
        )
    }
}
