public import BatchFormat
public import Fault
public import JSON
internal import StageRun

/// The differences between two versions of a stage.
public struct VersionDiff: Sendable {
    /// One line per configuration key that differs.
    public let config: [String]
    /// One line for each other difference: tool, revision, model, inputs.
    public let making: [String]
    /// Items only in the first version.
    public let onlyInFirst: [ItemID]
    /// Items only in the second version.
    public let onlyInSecond: [ItemID]
    /// Items in both whose line differs in what this stage wrote (for fetch and clean, including the item's fields).
    public let changed: [Change]

    /// An item whose result differs.
    public struct Change: Sendable {
        /// The item.
        public let id: ItemID
        /// What the stage wrote in the first version.
        public let before: JSON
        /// What it wrote in the second.
        public let after: JSON
    }

    /// Compares two sealed versions.
    public init(_ first: VersionReader, _ second: VersionReader) throws(Fault) {
        let (a, b) = (first.seal, second.seal)
        config = Explanation.differences(a.identity.config, b.identity.config)
        var making: [String] = []
        if a.identity.tool != b.identity.tool { making.append("tool: \(b.identity.tool), was \(a.identity.tool)") }
        if a.identity.revision != b.identity.revision {
            making.append("behaviour revision: \(b.identity.revision), was \(a.identity.revision)")
        }
        if a.identity.model != b.identity.model {
            making.append("model: \(b.identity.model.text(.line)), was \(a.identity.model.text(.line))")
        }
        if a.inputs != b.inputs {
            let text = { (inputs: [InputReference]) in
                inputs.map { "\($0.stage) \($0.version)" }.joined(separator: ", ")
            }
            making.append("input: \(text(b.inputs)), was \(text(a.inputs))")
        }
        self.making = making
        let before = try Self.results(first)
        let after = try Self.results(second)
        onlyInFirst = before.order.filter { after.values[$0] == nil }
        onlyInSecond = after.order.filter { before.values[$0] == nil }
        changed = after.order.compactMap { id in
            guard let old = before.values[id], let new = after.values[id], old != new else { return nil }
            return Change(id: id, before: old, after: new)
        }
    }

    private static func results(_ version: VersionReader) throws(Fault) -> (order: [ItemID], values: [ItemID: JSON]) {
        var (order, values): ([ItemID], [ItemID: JSON]) = ([], [:])
        let identity = version.seal.identity
        let stage = identity.stage
        // These two write the items' fields as well; later stages only pass them on.
        let writesFields = identity.tool == "fetch" || identity.tool == "clean"
        for index in version.seal.parts.indices {
            let part = try version.part(index)
            for row in try part.items() {
                order.append(row.id)
                var result = row.object[stage] ?? .null
                if writesFields, case .object(var object) = result {
                    object["fields"] = .object(row.fields)
                    result = .object(object)
                }
                values[row.id] = result
            }
            for reject in try part.rejects() {
                order.append(reject.id)
                values[reject.id] = ["rejected": .string(reject.reason)]
            }
        }
        return (order, values)
    }

    /// Whether nothing differs.
    public var isEmpty: Bool {
        config.isEmpty && making.isEmpty && onlyInFirst.isEmpty && onlyInSecond.isEmpty && changed.isEmpty
    }

    /// The difference in the form of `--json`.
    public var json: JSON {
        [
            "config": .array(config.map { .string($0) }), "making": .array(making.map { .string($0) }),
            "only_in_first": .array(onlyInFirst.map { .string($0.text) }),
            "only_in_second": .array(onlyInSecond.map { .string($0.text) }),
            "changed": .array(
                changed.map { ["id": .string($0.id.text), "before": $0.before, "after": $0.after] }),
        ]
    }
}
