/// Figures in Prometheus's text exposition format, version 0.0.4.
public struct PrometheusText: Sendable {
    /// The type of a metric.
    public enum Kind: String, Sendable {
        /// A counter only grows; a gauge goes up and down.
        case counter, gauge
    }

    /// The exposition so far.
    public private(set) var text = ""

    /// An empty exposition.
    public init() {}

    /// Adds a metric family: `# HELP`, `# TYPE`, and one line per sample. A family without samples is left out.
    public mutating func add(
        _ name: String, _ kind: Kind, _ help: String,
        _ samples: [(labels: KeyValuePairs<String, String>, value: Double)]
    ) {
        if samples.isEmpty { return }
        text += "# HELP \(name) \(Self.escaped(help))\n# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0.key)=\"\(Self.escaped($0.value, quotes: true))\"" }
            text +=
                name + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}") + " \(Self.number(sample.value))\n"
        }
    }

    /// The value of a family's first sample in a text written by this type; `nil` if there is none.
    public static func value(of name: String, in text: String) -> Double? {
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            guard let next = line.dropFirst(name.count).first, next == "{" || next == " " else { continue }
            return line.split(separator: " ").last.flatMap { Double($0) }
        }
        return nil
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
    }

    private static func escaped(_ text: String, quotes: Bool = false) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
