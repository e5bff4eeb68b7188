import ArgumentParser
import BatchFormat
import Digests
import Fault
import Inspection
import JSON
import ToolKit

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks every byte of sealed versions against their digests, and reports damage (65).",
        usage: "batches verify PIPELINE [BATCH [STAGE [VERSION]]] [--quick | --deep]\nbatches verify VERSION_DIR",
        discussion: """
            Without --quick or --deep: manifests and seals, the digest of every file, that ledgers and tensor headers are well \
            formed, and the chain of digests back to the source.
            """)

    @Argument(
        help: "PIPELINE [BATCH [STAGE [VERSION]]], or a version's path; checks all sealed versions under it.")
    var version: [String]
    @Flag(help: "Reads only manifests and seals: sizes, counts, links, and the chain of digests back to the source.")
    var quick = false
    @Flag(help: "Also checks contents: items in and out, shapes and values of tensors, the input of every stage.")
    var deep = false
    @Flag(help: "Prints one JSON object.")
    var json = false
    @OptionGroup var root: RootOption

    func validate() throws {
        if quick && deep { throw ValidationError("--quick and --deep exclude each other") }
    }

    func run() throws {
        var (files, bytes, versions) = (0, 0, 0)
        var releasedByPart: [Digest: Int] = [:]
        var damages: [Damage] = []
        let (paths, dangling) = try found()
        damages += dangling
        for path in paths {
            let result = try Verification.verify(version: path, reading: quick ? .seals : .bytes)
            versions += 1
            files += result.files
            bytes += result.bytes
            releasedByPart.merge(result.releasedByPart) { max($0, $1) }
            damages += result.damages
            damages += try further(path, isSound: result.damages.isEmpty)
        }
        let released = releasedByPart.values.reduce(0, +)
        if json {
            let found: [JSON] = damages.map { ["path": .string($0.path), "message": .string($0.message)] }
            let object: JSON = [
                "versions": .int(Int64(versions)), "files": .int(Int64(files)), "bytes": .int(Int64(bytes)),
                "released": .int(Int64(released)), "damages": .array(found),
            ]
            ToolMain.print(object.text(.line))
        } else if damages.isEmpty {
            let without = released > 0 ? ", \(released) raw objects released" : ""
            let sum = "\(versions) versions, \(files) files, \(HumanSize.text(bytes))\(without)"
            ToolMain.print("\(sum): \(quick ? "seals, sizes and links" : "all") as sealed")
        }
        guard let first = damages.first else { return }
        let more = damages.dropFirst().map { "\n  \($0.message)" }.joined()
        throw Fault(.damaged, first.message + more)
    }

    /// Damage that a version's own digests do not show. For versions already damaged, nothing more is reported.
    private func further(_ path: String, isSound: Bool) throws(Fault) -> [Damage] {
        guard isSound else { return [] }
        let version = try VersionReader(path)
        return LineageCheck.damages(of: version) + (deep ? try ContentCheck.damages(of: version) : [])
    }

    /// The sealed versions to check, and the links that point at versions without a seal.
    private func found() throws(Fault) -> (paths: [String], dangling: [Damage]) {
        if version.count == 4 || (version.count == 1 && version[0].contains("/")) {
            return ([try VersionAddress(words: version, root: root.path).path], [])
        }
        guard (1...3).contains(version.count) else {
            throw Fault(.usage, "verify takes PIPELINE [BATCH [STAGE [VERSION]]], or the path of a version")
        }
        let stages = try BatchList.stages(
            root: root.path, pipeline: version[0], batch: version.count > 1 ? version[1] : nil)
        var (paths, dangling): ([String], [Damage]) = ([], [])
        for stage in stages where version.count < 3 || stage.folder.stage == version[2] {
            paths += stage.versions.filter(stage.folder.isSealed).map(stage.folder.version)
            dangling += try stage.danglingLinks + PlaceCheck.damages(of: stage.folder)
        }
        guard !paths.isEmpty || !dangling.isEmpty else {
            throw Fault(.missing, "there is no sealed version of \(version.joined(separator: " ")) in '\(root.path)'")
        }
        return (paths, dangling)
    }
}
