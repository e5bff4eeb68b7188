import JSON
import TOMLText

/// The stages of a pipeline: which exist, what each reads, and in which order they run.
struct StageGraph {
    private(set) var stages: [StageConfig] = []
    /// Default stages that the pipeline neither declares nor needs, for manual calls of their tool.
    private(set) var spare: [StageConfig] = []

    private struct Declared {
        let name: String
        let tool: StageTool
        let section: TOMLMembers
    }

    /// Names with another meaning in the ledger, in the file or on disk.
    private static let reserved = ["id", "fields", "reason", "message", "filled", "alerts", "egress", "current"]

    /// Reads the sections of a file into stages; errors go to the validator.
    init(_ sections: TOMLMembers, _ validator: inout Validator) {
        var declared = Self.declared(in: sections, &validator)
        var configs: [String: StageConfig] = [:]
        var waiting = declared
        // A default stage that is read, or without which results would be lost, exists without its section.
        while !waiting.isEmpty {
            let next = waiting.removeFirst()
            let config = Self.config(of: next, &validator)
            configs[next.name] = config
            var needed = config.inputs
            if next.tool == .infer, !declared.contains(where: { $0.tool == .store }) { needed.append("store") }
            for name in needed {
                guard let tool = StageTool(rawValue: name), !tool.settings.schema.keys.contains(where: \.isRequired),
                    !declared.contains(where: { $0.name == name })
                else { continue }
                let addition = Declared(name: name, tool: tool, section: TOMLMembers())
                declared.append(addition)
                waiting.append(addition)
            }
        }
        let before = validator.problems.count
        for stage in declared { Self.checkInputs(of: stage.name, configs, &validator) }
        let inOrder = StageTool.allCases.flatMap { tool in declared.filter { $0.tool == tool } }
        let (sorted, circle) = Self.sorted(inOrder.compactMap { configs[$0.name] })
        stages = sorted
        // A wrong input would be reported twice.
        if let first = circle.first, validator.problems.count == before {
            let names = circle.map(\.stage).joined(separator: ", ")
            validator.report([first.stage, Wiring.input], "forms a circle: \(names) wait for each other")
        }
        for tool in [StageTool.clean, .featurize] where configs[tool.rawValue] == nil {
            let section = Declared(name: tool.rawValue, tool: tool, section: TOMLMembers())
            spare.append(Self.config(of: section, &validator))
        }
    }

    private static func declared(in sections: TOMLMembers, _ validator: inout Validator) -> [Declared] {
        sections.members.compactMap { name, node in
            guard case .table(let section) = node else {
                let isSection = StageTool(rawValue: name) != nil
                validator.report(
                    [name],
                    isSection
                        ? "must be a table, not \(node.shown)"
                        : "is not a known key" + Suggestion.forUnknown([name], in: TopConfig.schema))
                return nil
            }
            if let tool = StageTool(rawValue: name) {
                if let other = section[Wiring.tool], other != .string(name) {
                    validator.report(
                        [name, Wiring.tool], "must be \"\(name)\": the stage of this name is always run by it")
                    return nil
                }
                return Declared(name: name, tool: tool, section: section)
            }
            guard isStageName(name), !reserved.contains(name) else {
                validator.report(
                    [name],
                    "cannot be a stage's name: it must be up to 64 of a-z, 0-9, _ and -, starting with a letter, "
                        + "and not one of " + reserved.joined(separator: ", "))
                return nil
            }
            guard let written = section[Wiring.tool] else {
                validator.report([name], "is not a known section" + suggestion(forSection: name))
                return nil
            }
            guard case .string(let text) = written, let tool = StageTool(rawValue: text) else {
                let known = StageTool.allCases.map(\.rawValue).joined(separator: ", ")
                validator.report([name, Wiring.tool], "must be one of \(known), not \(written.shown)")
                return nil
            }
            return Declared(name: name, tool: tool, section: section)
        }
    }

    private static func suggestion(forSection name: String) -> String {
        let guess = nearest(to: name, among: SectionCatalog.names).map { "; did you mean [\($0)]?" } ?? ""
        return guess + " (a stage beyond the five declares itself: tool = \"infer\")"
    }

    private static func isStageName(_ name: String) -> Bool {
        guard TextForm.isName(name), let first = name.first, first.isLowercase else { return false }
        return name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" || $0 == "-" }
    }

    private static func config(of stage: Declared, _ validator: inout Validator) -> StageConfig {
        let values = validator.section(stage.section, at: [stage.name], stage.tool.settings.schema)
        return StageConfig(stage: stage.name, kind: stage.tool, values: values)
    }

    private static func checkInputs(of stage: String, _ configs: [String: StageConfig], _ validator: inout Validator) {
        guard let config = configs[stage] else { return }
        let path = [stage, Wiring.input]
        let readable = configs.values.filter { config.kind.inputTools.contains($0.kind) && $0.stage != stage }
        let choice = readable.isEmpty ? "" : "; it can read " + readable.map(\.stage).sorted().joined(separator: ", ")
        if config.inputs.count > 1, config.kind != .store {
            return validator.report(path, "must be one stage; only store reads several")
        }
        for (position, input) in config.inputs.enumerated() {
            if config.inputs[..<position].contains(input) {
                validator.report(path, "names \"\(input)\" twice")
            } else if input == stage {
                validator.report(path, "is the stage itself\(choice)")
            } else if let read = configs[input] {
                if config.kind.inputTools.contains(read.kind) { continue }
                validator.report(
                    path, "is \"\(input)\", a stage of \(read.tool), which \(config.tool) cannot read\(choice)")
            } else {
                let addition = StageTool(rawValue: input).map { ": add a section [\($0.rawValue)]" }
                let guess = nearest(to: input, among: readable.map(\.stage)).map { "; did you mean \"\($0)\"?" }
                validator.report(
                    path, "is \"\(input)\", which is not a stage of this pipeline\(addition ?? "")\(guess ?? choice)")
            }
        }
    }

    /// Every stage after those it reads, otherwise in the given order; and the stages that read each other in a circle.
    private static func sorted(_ stages: [StageConfig]) -> (inOrder: [StageConfig], circle: [StageConfig]) {
        var waiting = stages
        var done: [StageConfig] = []
        while let next = waiting.firstIndex(where: { stage in
            !stage.inputs.contains { input in waiting.contains { $0.stage == input } }
        }) {
            done.append(waiting.remove(at: next))
        }
        // A stage that only reads from the circle is waiting too, but is not at fault.
        while let last = waiting.firstIndex(where: { stage in !waiting.contains { $0.inputs.contains(stage.stage) } }) {
            waiting.remove(at: last)
        }
        return (done, waiting)
    }
}
