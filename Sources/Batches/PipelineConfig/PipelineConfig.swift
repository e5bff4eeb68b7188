public import Fault
import TOMLText

/// A pipeline's configuration: `pipelines/NAME/pipeline.toml`, validated as a whole.
///
/// All errors in a file are reported at once, each with its line, its key and the nearest known key. The type reads
/// neither arguments nor the environment.
public struct PipelineConfig: Sendable {
    /// The pipeline's name.
    public let name: String
    /// The pipeline's description from its file.
    public let description: String?
    /// The default batch, and when a night is late; `nil` without `[schedule]`.
    public let schedule: Schedule?
    /// When problems are reported, and how.
    public let alerts: AlertsConfig
    /// Where to write the night's metrics for Prometheus, with `{pipeline}` inserted; `nil` if not configured.
    public let metricsTextfile: String?
    /// What `batches gc` keeps.
    public let retention: Retention
    /// How stages that run concurrently wait for each other.
    public let stream: StreamConfig
    /// The stages, each after those it reads.
    public let stages: [StageConfig]
    private let spare: [StageConfig]

    /// The format of `pipeline.toml` that this build reads.
    public static let format = 1

    /// The default path of a pipeline's configuration, relative to the working directory.
    public static func file(ofPipeline name: String) -> String { "pipelines/\(name)/pipeline.toml" }

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - file: the path of a `pipeline.toml`.
    ///   - name: the pipeline's name; by default that of the file's folder.
    ///   - overrides: the arguments of `--set`, as `KEY=VALUE`, in order.
    /// - Throws: `.configuration` for any error in it, `.missing` if there is no such file, `.denied` or `.disk` if it
    ///   cannot be read.
    public static func load(
        file: String, name: String? = nil, overrides: [String] = []
    ) throws(Fault) -> PipelineConfig {
        let folder = file.split(separator: "/").dropLast().last.map(String.init)
        let name = name ?? folder ?? "pipeline"
        let text = try ConfigFile.read(file, ofPipeline: name)
        return try parse(text: text, fileName: file, name: name, overrides: overrides)
    }

    /// Parses a text; `fileName` is used in messages.
    public static func parse(
        text: String, fileName: String, name: String = "pipeline", overrides: [String] = []
    ) throws(Fault) -> PipelineConfig {
        let text = try ConfigText(text, fileName: fileName, overrides: overrides)
        try checkFormat(text)
        return try PipelineConfig(text, name: name)
    }

    /// The configuration of a stage.
    ///
    /// `clean` and `featurize` can be named even if no stage of the pipeline reads them.
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

    /// The default batch of a run: a day, `2026-11-20`, by default yesterday in UTC.
    ///
    /// - Parameter now: seconds since 1970.
    public func defaultBatch(now: Double) -> String { (schedule ?? Schedule()).batch(now: now) }

    /// In another format the same words may mean something else, so nothing else in the file is checked.
    private static func checkFormat(_ text: ConfigText) throws(Fault) {
        let (name, fileName) = (TopConfig().$format.name, text.fileName)
        switch text.root[name] {
        case .int(Int64(format)): return
        case nil:
            throw Fault(.configuration, "\(fileName): format is missing; write format = \(format) as the first line")
        case .some(let node):
            var message = "format must be the number \(format), not \(node.shown)"
            if case .int(let other) = node {
                message = "format \(other) is not known; this build reads format \(format)"
            }
            let problem = Problem(place: text.places.place(of: [name]), message: message)
            throw Fault.configuration([problem], of: fileName)
        }
    }

    private init(_ text: ConfigText, name: String) throws(Fault) {
        let (root, fileName) = (text.root, text.fileName)
        var validator = Validator(text.places)
        let schema = TopConfig.schema
        let own = TOMLMembers(root.members.filter { schema[$0.name] != nil })
        let top = TopConfig(accepted: validator.section(own, at: [], schema))
        let graph = StageGraph(TOMLMembers(root.members.filter { schema[$0.name] == nil }), &validator)
        if graph.stages.isEmpty, validator.problems.isEmpty {
            throw Fault(.configuration, "\(fileName): there are no stages; write at least [fetch]")
        }
        guard validator.problems.isEmpty else {
            throw Fault.configuration(validator.inFileOrder, of: fileName)
        }
        self.name = name
        description = top.description
        schedule = top.schedule
        alerts = top.alerts
        metricsTextfile = top.metrics.textfile?.replacing("{pipeline}", with: name)
        retention = top.retention
        stream = top.stream
        stages = graph.stages
        spare = graph.spare
    }
}
