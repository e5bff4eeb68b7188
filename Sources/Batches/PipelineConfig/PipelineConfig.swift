public import Fault
import JSON
import TOMLText

/// A pipeline's configuration: `pipelines/NAME/pipeline.toml`, validated as a whole.
///
/// Everything that is wrong with a file is reported at once, each with its line, its key and the nearest known key. The
/// type reads neither arguments nor the environment.
public struct PipelineConfig: Sendable {
    /// The pipeline's name.
    public let name: String
    /// What the pipeline is for, in the words of its file.
    public let description: String?
    /// Which batch a run without one means, and when a night is late; `nil` without `[schedule]`.
    public let schedule: Schedule?
    /// When somebody is told of trouble, and how.
    public let alerts: AlertsConfig
    /// Where the night's figures go for Prometheus, `{pipeline}` filled in; `nil` if the file does not say.
    public let metricsTextfile: String?
    /// What `batches gc` leaves in place.
    public let retention: Retention
    /// How stages that run at once wait for each other.
    public let stream: StreamConfig
    /// The stages, each after what it reads.
    public let stages: [StageConfig]
    private let spare: [StageConfig]

    /// The format of `pipeline.toml` that this build reads.
    public static let format = 1

    /// Where a pipeline's configuration is when nobody says otherwise, relative to the working directory.
    public static func file(ofPipeline name: String) -> String { "pipelines/\(name)/pipeline.toml" }

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - file: The path of a `pipeline.toml`.
    ///   - name: The pipeline's name; without it, that of the folder that holds the file.
    ///   - overrides: What `--set` gave, as `KEY=VALUE`, in order.
    /// - Throws: `.configuration` for anything wrong in it, `.missing` if there is no such file, `.denied` or `.disk` if
    ///   it cannot be read.
    public static func load(
        file: String, name: String? = nil, overrides: [String] = []
    ) throws(Fault) -> PipelineConfig {
        let folder = file.split(separator: "/").dropLast().last.map(String.init)
        let name = name ?? folder ?? "pipeline"
        let text = try ConfigFile.read(file, ofPipeline: name)
        return try parse(text: text, fileName: file, name: name, overrides: overrides)
    }

    /// Reads a text; `fileName` stands in messages.
    public static func parse(
        text: String, fileName: String, name: String = "pipeline", overrides: [String] = []
    ) throws(Fault) -> PipelineConfig {
        let document: TOMLDocument
        do {
            document = try TOMLDocument(parsing: text)
        } catch {
            throw Fault(.configuration, "\(fileName):\(error.line):\(error.column): not TOML: \(error.reason)")
        }
        var root = document.root
        var places = Places(document.lines)
        for argument in overrides {
            let override = try Override(parsing: argument)
            if let blocked = root.put(override.node, at: override.path[...]) {
                throw Fault(
                    .configuration,
                    "--set \(dotted(override.path)): \(dotted(Array(blocked))) is no table, it has no keys")
            }
            places.set(override.path, byText: override.raw)
        }
        try checkFormat(root, places, fileName)
        return try PipelineConfig(root, places, fileName: fileName, name: name)
    }

    /// The configuration of a stage.
    ///
    /// `clean` and `featurize` can be asked for by name even where no stage of the pipeline reads them.
    /// - Throws: `.usage` if the pipeline has no such stage.
    public func stage(named name: String) throws(Fault) -> StageConfig {
        if let stage = (stages + spare).first(where: { $0.stage == name }) { return stage }
        let known = stages.map(\.stage)
        let guess = nearest(to: name, among: known).map { "; did you mean \"\($0)\"?" } ?? ""
        throw Fault(
            .usage,
            "pipeline \"\(self.name)\" has no stage \"\(name)\"; its stages are \(known.joined(separator: ", "))\(guess)"
        )
    }

    /// The batch that a run means when it names none: a day, `2026-11-20`, by default yesterday in UTC.
    ///
    /// - Parameter now: Seconds since 1970.
    public func defaultBatch(now: Double) -> String { (schedule ?? Schedule()).batch(now: now) }

    /// A file of another format means other things by the same words, so nothing else in it is judged.
    private static func checkFormat(_ root: TOMLMembers, _ places: Places, _ fileName: String) throws(Fault) {
        switch root["format"] {
        case .int(Int64(format)): return
        case .int(let other):
            let text = "\(fileName) has format \(other), this build reads \(format)"
            throw Fault(.configuration, text)
        case nil:
            throw Fault(.configuration, "\(fileName): format is missing: write format = \(format) as the first line")
        case .some(let node):
            let problem = Problem(
                place: places.place(of: ["format"]), message: "format must be the number \(format), not \(node.shown)")
            throw Fault.configuration([problem], of: fileName)
        }
    }

    private init(_ root: TOMLMembers, _ places: Places, fileName: String, name: String) throws(Fault) {
        var validator = Validator(places)
        let own = SectionSchema.top.keys.map(\.name)
        let top = validator.section(TOMLMembers(root.members.filter { own.contains($0.name) }), at: [], .top)
        description = top["description"]?.string
        self.name = name
        schedule = root["schedule"].flatMap { Schedule($0, &validator) }
        retention = root["gc"].map { Retention($0, &validator) } ?? Retention()
        let alerts = AlertsConfig(validator.plainSection("alerts", in: root, .alerts))
        let metrics = validator.plainSection("metrics", in: root, .metrics)
        metricsTextfile = metrics["textfile"]?.string?.replacing("{pipeline}", with: name)
        stream = StreamConfig(validator.plainSection("stream", in: root, .stream))
        let plain = ["schedule", "alerts", "metrics", "gc", "stream"]
        let rest = root.members.filter { !own.contains($0.name) && !plain.contains($0.name) }
        let graph = StageGraph(TOMLMembers(rest), &validator)
        stages = graph.stages
        spare = graph.spare
        if graph.stages.isEmpty, validator.problems.isEmpty {
            throw Fault(.configuration, "\(fileName): there is no stage in it: write at least [fetch]")
        }
        guard validator.problems.isEmpty, let alerts else {
            throw Fault.configuration(validator.inFileOrder, of: fileName)
        }
        self.alerts = alerts
    }
}

extension Schedule {
    /// Reads the section; `nil` after reporting what is wrong with it.
    fileprivate init?(_ node: TOMLNode, _ validator: inout Validator) {
        guard case .table(let section) = node else {
            validator.report(["schedule"], "must be a table, not \(node.shown)")
            return nil
        }
        let values = validator.section(section, at: ["schedule"], .schedule)
        guard let due = values["due"]?.string.flatMap(Self.minutes(ofTimeOfDay:)),
            let timezone = values["timezone"]?.string, let daysBack = values["days_back"]?.int
        else { return nil }
        dueMinutes = due
        self.timezone = timezone
        self.daysBack = daysBack
    }
}

extension Retention {
    /// Reads the section, reporting what is wrong with it.
    fileprivate init(_ node: TOMLNode, _ validator: inout Validator) {
        guard case .table(let section) = node else {
            validator.report(["gc"], "must be a table, not \(node.shown)")
            self.init()
            return
        }
        self.init(validator.section(section, at: ["gc"], .retention))
    }
}

extension Validator {
    /// The problems as someone walks through the file: arguments last, as they came.
    fileprivate var inFileOrder: [Problem] {
        func rank(_ problem: Problem) -> Int {
            switch problem.place {
            case .file: 0
            case .line(let line): line
            case .argument: .max
            }
        }
        return problems.enumerated()
            .sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
            .map(\.element)
    }
}
