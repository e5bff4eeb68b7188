import ArgumentParser
import BatchFormat
import Fault
import Inspection
import JSON
import ToolKit

struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compares two versions: configuration, items, and each item's result.",
        usage: "batches diff PIPELINE BATCH STAGE VERSION VERSION\nbatches diff VERSION_DIR VERSION_DIR")

    @Argument(help: "PIPELINE BATCH STAGE and two versions, or two paths.")
    var versions: [String]
    @Flag(help: "Prints one JSON object.")
    var json = false
    @Option(help: "Shows at most this many changed items.")
    var limit = 20
    @OptionGroup var root: RootOption

    func run() throws {
        guard versions.count == 5 || versions.count == 2 else {
            throw Fault(.usage, "diff takes PIPELINE BATCH STAGE VERSION VERSION, or the paths of two versions")
        }
        let common = Array(versions.dropLast(2))
        let first = try VersionReader(
            VersionAddress(words: common + [versions[versions.count - 2]], root: root.path).path)
        let second = try VersionReader(
            VersionAddress(words: common + [versions[versions.count - 1]], root: root.path).path)
        let diff = try VersionDiff(first, second)
        if json { return ToolMain.print(diff.json.text(.line)) }
        if diff.isEmpty { return ToolMain.print("\(first.name) and \(second.name) are the same") }
        for line in diff.making { ToolMain.print(line) }
        for line in diff.config { ToolMain.print("config: \(line)") }
        show("only in \(first.name)", diff.onlyInFirst.map(\.text))
        show("only in \(second.name)", diff.onlyInSecond.map(\.text))
        show(
            "changed",
            diff.changed.map { "\($0.id)\n      \($0.before.text(.line))\n      \($0.after.text(.line))" })
    }

    private func show(_ title: String, _ lines: [String]) {
        guard !lines.isEmpty else { return }
        ToolMain.print("\(title): \(lines.count) items")
        for line in lines.prefix(limit) { ToolMain.print("    \(line)") }
        if lines.count > limit { ToolMain.print("    … and \(lines.count - limit) more (--limit)") }
    }
}
