import JSON
import TOMLText

/// `[alerts]`: when somebody is told, and how.
public struct AlertsConfig: Sendable, Equatable {
    /// The command that is given each alert, as its words; empty for none.
    public let command: [String]
    /// Seconds after which the command is killed.
    public let commandTimeout: Double
    /// The address that each alert is posted to.
    public let webhook: String?
    /// Seconds that a post may take.
    public let webhookTimeout: Double
    /// The share of its items that a stage must keep, 0 to 1.
    public let minSuccessRate: Double
    /// The share of the machine's memory that a stage may reach, 0 to 1.
    public let memory: Double
    /// How many times the median a slow batch takes; 0 for no such alert.
    public let slowBatch: Double
    /// Seconds below which no batch is slow.
    public let slowBatchLeast: Double

    /// What the section says, defaults included; `nil` where something is wrong with it.
    init?(_ values: JSONObject) {
        guard let commandTimeout = values["command_timeout"]?.double,
            let webhookTimeout = values["webhook_timeout"]?.double,
            let minSuccessRate = values["min_success_rate"]?.double, let memory = values["memory"]?.double,
            let slowBatch = values["slow_batch"]?.double, let slowBatchLeast = values["slow_batch_least"]?.double
        else { return nil }
        command = values["command"]?.array?.compactMap(\.string) ?? []
        self.commandTimeout = commandTimeout
        webhook = values["webhook"]?.string
        self.webhookTimeout = webhookTimeout
        self.minSuccessRate = minSuccessRate
        self.memory = memory
        self.slowBatch = slowBatch
        self.slowBatchLeast = slowBatchLeast
    }
}

extension Validator {
    /// A section that is not a stage's: its values with defaults, also where the file has no such section.
    mutating func plainSection(_ name: String, in root: TOMLMembers, _ schema: SectionSchema) -> JSONObject {
        guard let node = root[name] else { return section(TOMLMembers(), at: [name], schema) }
        guard case .table(let table) = node else {
            report([name], "must be a table, not \(node.shown)")
            return [:]
        }
        return section(table, at: [name], schema)
    }
}
