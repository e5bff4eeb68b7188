import ArgumentParser
import BatchFormat
import Digests
import Durable
import Fault
import Inspection
import JSON
import PipelineConfig
import ToolKit

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows one version: counts, timings, configuration, and what it was made from.",
        usage: "batches show PIPELINE BATCH [STAGE [VERSION]]\nbatches show VERSION_DIR")

    @Argument(help: "PIPELINE BATCH [STAGE [VERSION]], or the version's path; without a stage, every current version.")
    var version: [String]
    @Flag(help: "Prints one JSON object.")
    var json = false
    @OptionGroup var root: RootOption

    func run() throws {
        if version.count == 2 {
            for stage in try BatchList.stages(root: root.path, pipeline: version[0], batch: version[1]) {
                if let number = stage.held ?? stage.current {
                    try show(stage.folder.version(number))
                } else if !json {
                    ToolMain.print(stage.folder.path)
                    ToolMain.print("  state       \(stage.state)")
                }
                sayEnding(stage.ending)
            }
        } else {
            let address = try VersionAddress(words: version, root: root.path)
            try show(address.path)
            if let folder = address.folder { sayEnding(StageEnding(of: folder)) }
        }
    }

    /// What the last run of a stage said, if it did not end well; it may have had no version, or another one.
    private func sayEnding(_ ending: StageEnding?) {
        guard !json, let ending, ending.isBad else { return }
        ToolMain.print("  last run    \(ending.time), exit code \(ending.status.code): \(ending.message)")
    }

    private func show(_ path: String) throws {
        let reader = try VersionReader(path)
        let lineage = try Lineage(of: reader, root: root.path)
        let manifest = try reader.manifest()
        let cuts = reader.memoryCuts
        if json {
            var object = reader.seal.sealed.object
            cuts.write(to: &object)
            object["path"] = .string(reader.path)
            object["effective_config"] = .object(manifest.effectiveConfig)
            object["lineage"] = lineage.json
            ToolMain.print(JSON.object(object).text(.line))
        } else {
            for line in text(reader, manifest, lineage, cuts) { ToolMain.print(line) }
        }
    }

    private func text(
        _ reader: VersionReader, _ manifest: RunManifest, _ lineage: Lineage, _ cuts: MemoryCuts
    ) -> [String] {
        let seal = reader.seal
        let memory = HumanSize.text(seal.run.peakMemoryBytes ?? 0)
        var lines = [
            reader.path,
            "  made by     \(seal.identity.tool), revision \(seal.identity.revision), \(seal.run.toolVersion ?? "?")",
            "  on          \(seal.run.host ?? "?"), \(seal.run.startedAt ?? "?") to \(seal.run.finishedAt ?? "?")",
            "  took        \(plain(seal.run.seconds?.json)) s, at most \(memory) of memory, \(plain(seal.run.jobs?.json)) jobs",
        ]
        if let input = seal.run.waitedForInput, let others = seal.run.waitedForFollowers {
            lines.append("  waited      \(input) s for its input, \(others) s for the stages after it")
        }
        if let cut = cuts.largest {
            lines.append(
                "  memory cuts \(cuts.count), the largest a batch of \(cut.items) items to \(cut.most) at a time")
        }
        if let receipt = receipt(of: reader) {
            lines.append("  loaded      \(receipt)")
        } else {
            lines.append("  items       \(seal.itemsIn) in, \(seal.items) out, \(seal.rejected) rejected")
        }
        for (reason, count) in seal.rejectedByReason { lines.append("                \(reason): \(count)") }
        lines.append("  size        \(HumanSize.text(seal.bytes)) in \(seal.parts.count) parts")
        lines.append("  fingerprint \(seal.fingerprint)")
        if seal.identity.model != .null { lines.append("  model       \(seal.identity.model.text(.line))") }
        lines.append("  config")
        for (name, value) in manifest.effectiveConfig.members { lines.append("    \(name) = \(value.text(.line))") }
        if !lineage.steps.isEmpty { lines.append("  made from") }
        for step in lineage.steps {
            let state = step.seal == nil ? "removed" : step.isSame ? "unchanged" : "CHANGED SINCE"
            let counts = step.seal.map { ", \($0.items) items, \($0.rejected) rejected" } ?? ""
            lines.append("    \(step.reference.stage) \(step.reference.version) (\(state)\(counts))")
        }
        return lines
    }

    /// What a version of a store has loaded; `nil` for other versions.
    private func receipt(of reader: VersionReader) -> String? {
        guard reader.seal.identity.tool == StageTool.store.rawValue, let part = reader.seal.parts.first,
            let bytes = try? AtomicFile.read("\(reader.path)/\(part.name)"), let receipt = try? JSON(parsing: bytes)
        else { return nil }
        return "\(plain(receipt["items"])) items into \(plain(receipt["database"])), "
            + "\(plain(receipt["rejected"])) could not be stored"
    }

    private func plain(_ value: JSON?) -> String { value?.string ?? value?.text(.line) ?? "?" }
}
