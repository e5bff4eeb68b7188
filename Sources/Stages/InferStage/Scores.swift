internal import BatchFormat
internal import Glibc
package import JSON
package import Models
internal import StageRun

/// Softmax in double precision, so that six written digits do not depend on the order of additions.
package func softmax(_ values: UnsafeBufferPointer<Float>) -> [Double] {
    let largest = Double(values.max() ?? 0)
    let powers = values.map { largest == -.infinity ? 1 : exp(Double($0) - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
}

/// The logistic function of each number, in double precision.
package func sigmoid(_ values: UnsafeBufferPointer<Float>) -> [Double] { values.map { 1 / (1 + exp(-Double($0))) } }

extension Double {
    /// Rounded to six significant digits: for numbers of any size, where six decimals suit scores.
    package var roundedToSixDigits: Double {
        guard isFinite else { return self }
        // Powers of ten are not exact in binary, so arithmetic alone would leave 1.5000000000000001; printf rounds
        // correctly.
        var text = [CChar](repeating: 0, count: 32)
        let count = withVaList([self]) { vsnprintf(&text, text.count, "%.5e", $0) }
        return Double(String(decoding: text.prefix(Int(count)).map(UInt8.init(bitPattern:)), as: UTF8.self)) ?? self
    }
}

extension ModelOutput.Activation {
    /// How far from 0 to 1 a probability may be: what single precision leaves.
    private static let slack = 1e-4

    /// The probabilities behind a row of numbers; `nil` if the model is said to give probabilities and does not.
    func scores(_ values: UnsafeBufferPointer<Float>) -> [Double]? {
        switch self {
        case .softmax: return InferStage.softmax(values)
        case .sigmoid: return InferStage.sigmoid(values)
        case .none:
            guard values.allSatisfy({ (-Self.slack...1 + Self.slack).contains(Double($0)) }) else { return nil }
            return values.map { min(max(Double($0), 0), 1) }
        }
    }

    /// Plain numbers with six significant digits.
    ///
    /// - Parameter last: the size of the last dimension, over which a softmax goes.
    func values(_ values: [Float], last: Int) -> [Double] {
        switch self {
        case .none: return values.map { Double($0).roundedToSixDigits }
        case .sigmoid: return values.withUnsafeBufferPointer { InferStage.sigmoid($0).map(\.roundedToSixDigits) }
        case .softmax:
            return stride(from: 0, to: values.count, by: max(1, last)).flatMap { start in
                values[start..<start + last].withUnsafeBufferPointer {
                    InferStage.softmax($0).map(\.roundedToSixDigits)
                }
            }
        }
    }
}

/// One label of several.
package enum Labels {
    /// Writes the best label and its probability, and the best few in order.
    package static func write(
        _ probabilities: [Double], _ labels: [String], top: Int, into members: inout JSONObject
    ) {
        let scores = probabilities.map { $0.rounded(decimals: 6) }
        // Ties, including those that rounding creates, follow the labels' order.
        let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
        guard let best = order.first else { return }
        members[LedgerKeys.label] = .string(labels[best])
        members[LedgerKeys.score] = .double(scores[best])
        if top > 0 {
            members["top"] = .array(order.prefix(top).map { [.string(labels[$0]), .double(scores[$0])] })
        }
    }
}

/// Any of several labels.
package enum Tags {
    /// Writes the tags at or above a threshold, best first.
    package static func write(
        _ probabilities: [Double], _ labels: [String], threshold: Double, into members: inout JSONObject
    ) {
        let scores = probabilities.map { $0.rounded(decimals: 6) }
        let order = scores.indices.filter { scores[$0] >= threshold }.sorted { (scores[$1], $0) < (scores[$0], $1) }
        members["tags"] = .array(order.map { [.string(labels[$0]), .double(scores[$0])] })
    }
}

/// A text by Connectionist Temporal Classification (Graves et al., 2006), decoded greedily.
package enum Tokens {
    /// Writes the text and its score: the geometric mean, over frames, of the best token's probability.
    ///
    /// Each frame gives its best token; repeats are merged, then blanks dropped. Tokens are joined unchanged, except
    /// for the word boundaries of the two common conventions: `|` alone, and `▁` (U+2581) anywhere, become a space.
    ///
    /// - Returns: false if the numbers are said to be probabilities and are not.
    package static func write(
        _ values: UnsafeBufferPointer<Float>, _ labels: [String], blank: Int,
        activation: ModelOutput.Activation = .softmax, into members: inout JSONObject
    ) -> Bool {
        let frames = values.count / labels.count
        var text = ""
        var previous = blank
        var logarithms = 0.0
        for frame in 0..<frames {
            let row = UnsafeBufferPointer(rebasing: values[frame * labels.count..<(frame + 1) * labels.count])
            guard let scores = activation.scores(row) else { return false }
            let best = scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
            logarithms += log(scores[best])
            if best != previous, best != blank {
                text += labels[best] == "|" ? " " : labels[best].replacing("\u{2581}", with: " ")
            }
            previous = best
        }
        members["text"] = .string(trimmed(text))
        members[LedgerKeys.score] = .double((frames == 0 ? 0 : exp(logarithms / Double(frames))).rounded(decimals: 6))
        return true
    }

    private static func trimmed(_ text: String) -> String {
        let inside = text.drop { $0 == " " }
        return String(inside.reversed().drop { $0 == " " }.reversed())
    }
}
