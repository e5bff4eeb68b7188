internal import BatchFormat
internal import Digests
internal import Fault
internal import Inspection
internal import JSON

/// The versions of a batch's stages, and the differences between two.
enum VersionList {
    /// How many items of a difference are listed; all of them are counted.
    private static let mostItems = 100

    static func json(root: String, pipeline: String, batch: String) throws(Fault) -> JSON {
        var versions: [JSON] = []
        for stage in try BatchList.stages(root: root, pipeline: pipeline, batch: batch) {
            for number in stage.versions {
                let path = stage.folder.version(number)
                let seal = (try? VersionReader(path))?.seal
                let manifest = try? RunManifest(reading: "\(path)/\(VersionFolder.manifestName)")
                versions.append([
                    "stage": .string(stage.folder.stage), "version": .string("v\(number)"),
                    "state": .string(state(number, of: stage)),
                    "fingerprint": JSON((seal?.fingerprint ?? manifest?.fingerprint)?.hex),
                    "started_at": JSON(seal?.run.startedAt ?? manifest?.run.startedAt),
                    "config": .object(manifest?.effectiveConfig ?? seal?.identity.config ?? [:]),
                ])
            }
        }
        return ["versions": .array(versions)]
    }

    private static func state(_ number: Int, of stage: StageSummary) -> String {
        if stage.unsealed.contains(number) { return "unsealed" }
        if stage.held == number { return "held_back" }
        if stage.current == number { return stage.pinned == number ? "pinned" : "current" }
        return "superseded"
    }

    /// Opens a version; throws `.usage` for words that do not name one, `.missing` if it does not exist.
    static func version(_ words: [String], root: String) throws(Fault) -> VersionReader {
        do throws(Fault) {
            return try VersionReader(VersionAddress(words: words, root: root).path)
        } catch {
            if error.kind == .configuration { throw Fault(.usage, error.message) }
            // The location of the batches is not shown to clients.
            guard error.kind == .missing else { throw error }
            throw Fault(.missing, "there is no version '\(words.joined(separator: "/"))'")
        }
    }

    static func difference(_ a: VersionReader, _ b: VersionReader) throws(Fault) -> JSON {
        let difference = try VersionDiff(a, b)
        let (before, after) = (a.seal.identity.config, b.seal.identity.config)
        func ids(_ ids: [ItemID]) -> JSON { .array(ids.prefix(mostItems).map { .string($0.text) }) }
        return [
            "changes": .array(changes("", .object(before), .object(after))),
            "making": .array(difference.making.map { .string($0) }),
            "only_in_a": ids(difference.onlyInFirst), "only_in_a_items": JSON(difference.onlyInFirst.count),
            "only_in_b": ids(difference.onlyInSecond), "only_in_b_items": JSON(difference.onlyInSecond.count),
            "changed": .array(
                difference.changed.prefix(mostItems).map {
                    ["item": .string($0.id.text), "a": $0.before, "b": $0.after]
                }),
            "changed_items": JSON(difference.changed.count),
        ]
    }

    /// The keys of a configuration that differ, in dotted form.
    private static func changes(_ key: String, _ a: JSON?, _ b: JSON?) -> [JSON] {
        if a == b { return [] }
        if case .object(let before)? = a, case .object(let after)? = b {
            var names = before.members.map(\.name)
            for member in after.members where before[member.name] == nil { names.append(member.name) }
            return names.flatMap { changes(key.isEmpty ? $0 : "\(key).\($0)", before[$0], after[$0]) }
        }
        return [["key": .string(key), "a": a ?? .null, "b": b ?? .null]]
    }
}
