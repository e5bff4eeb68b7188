import ArgumentParser
import BatchFormat
import Fault
import Inspection
import JSON
import ToolKit

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks every byte of sealed versions against their digests, and names what is damaged (65).",
        usage: "batches verify PIPELINE [BATCH [STAGE [VERSION]]]\nbatches verify VERSION_DIR")

    @Argument(
        help: "PIPELINE [BATCH [STAGE [VERSION]]], or a version's path; all sealed versions under it are checked.")
    var version: [String]
    @Flag(help: "Prints one JSON object.")
    var json = false
    @OptionGroup var root: RootOption

    func run() throws {
        var (files, bytes, versions) = (0, 0, 0)
        var damages: [Damage] = []
        let (paths, dangling) = try found()
        damages += dangling
        for path in paths {
            let result = try Verification.verify(version: path)
            versions += 1
            files += result.files
            bytes += result.bytes
            damages += result.damages
        }
        if json {
            let found: [JSON] = damages.map { ["path": .string($0.path), "message": .string($0.message)] }
            let object: JSON = [
                "versions": .int(Int64(versions)), "files": .int(Int64(files)), "bytes": .int(Int64(bytes)),
                "damages": .array(found),
            ]
            ToolMain.print(object.text(.line))
        } else if damages.isEmpty {
            ToolMain.print("\(versions) versions, \(files) files, \(HumanSize.text(bytes)): all as sealed")
        }
        guard let first = damages.first else { return }
        let more = damages.dropFirst().map { "\n  \($0.message)" }.joined()
        throw Fault(.damaged, first.message + more)
    }

    /// The sealed versions to check, and the links that point at versions without a seal.
    private func found() throws(Fault) -> (paths: [String], dangling: [Damage]) {
        if version.count == 4 || (version.count == 1 && version[0].contains("/")) {
            return ([try VersionAddress(words: version, root: root.path).path], [])
        }
        guard (1...3).contains(version.count) else {
            throw Fault(.usage, "verify takes PIPELINE [BATCH [STAGE [VERSION]]], or a version's path")
        }
        let stages = try BatchList.stages(
            root: root.path, pipeline: version[0], batch: version.count > 1 ? version[1] : nil)
        var (paths, dangling): ([String], [Damage]) = ([], [])
        for stage in stages where version.count < 3 || stage.folder.stage == version[2] {
            paths += stage.versions.filter(stage.folder.isSealed).map(stage.folder.version)
            dangling += stage.danglingLinks
        }
        guard !paths.isEmpty || !dangling.isEmpty else {
            throw Fault(.missing, "there is no sealed version of \(version.joined(separator: " ")) in '\(root.path)'")
        }
        return (paths, dangling)
    }
}
