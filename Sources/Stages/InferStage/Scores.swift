internal import Glibc
package import JSON
internal import StageRun

/// Softmax in double precision, so that six written digits do not hang on the order of additions.
package func softmax(_ values: UnsafeBufferPointer<Float>) -> [Double] {
    let largest = Double(values.max() ?? 0)
    let powers = values.map { largest == -.infinity ? 1 : exp(Double($0) - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
}

extension Double {
    /// Rounded to a number of significant digits: for numbers of any size, where decimals suit scores.
    package func rounded(significant digits: Int) -> Double {
        guard isFinite, self != 0 else { return self }
        let decimals = digits - 1 - Int(log10(magnitude).rounded(.down))
        // Scaled up or down by a whole power of ten, which is exact where it matters.
        if decimals >= 0 { return decimals > 300 ? self : rounded(decimals: decimals) }
        let scale = pow(10, Double(-decimals))
        return (self / scale).rounded() * scale
    }
}

/// One label of several.
package enum Labels {
    /// Writes the best label and its probability, and the best few in order.
    package static func write(
        _ values: UnsafeBufferPointer<Float>, _ labels: [String], top: Int, into members: inout JSONObject
    ) {
        let scores = softmax(values).map { $0.rounded(decimals: 6) }
        // Ties, also those that rounding makes, go by the labels' order.
        let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
        guard let best = order.first else { return }
        members["label"] = .string(labels[best])
        members["score"] = .double(scores[best])
        if top > 0 {
            members["top"] = .array(order.prefix(top).map { [.string(labels[$0]), .double(scores[$0])] })
        }
    }
}

/// Any of several labels.
package enum Tags {
    /// Writes the tags at or above a threshold, best first.
    package static func write(
        _ values: UnsafeBufferPointer<Float>, _ labels: [String], threshold: Double, into members: inout JSONObject
    ) {
        let scores = values.map { (1 / (1 + exp(-Double($0)))).rounded(decimals: 6) }
        let order = scores.indices.filter { scores[$0] >= threshold }.sorted { (scores[$1], $0) < (scores[$0], $1) }
        members["tags"] = .array(order.map { [.string(labels[$0]), .double(scores[$0])] })
    }
}

/// A text by Connectionist Temporal Classification (Graves et al., 2006), read greedily.
package enum Tokens {
    /// Writes the text and its score: the geometric mean, over frames, of the best token's probability.
    ///
    /// Each frame gives its best token; repeats are merged, then blanks dropped. Tokens are joined as they are, but for
    /// the word boundaries of the two customs in use: `|` alone, and `▁` (U+2581) anywhere, become a space.
    package static func write(
        _ values: UnsafeBufferPointer<Float>, _ labels: [String], blank: Int, into members: inout JSONObject
    ) {
        let frames = values.count / labels.count
        var text = ""
        var previous = blank
        var logarithms = 0.0
        for frame in 0..<frames {
            let scores = softmax(
                UnsafeBufferPointer(rebasing: values[frame * labels.count..<(frame + 1) * labels.count]))
            let best = scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
            logarithms += log(scores[best])
            if best != previous, best != blank {
                text += labels[best] == "|" ? " " : labels[best].replacing("\u{2581}", with: " ")
            }
            previous = best
        }
        members["text"] = .string(trimmed(text))
        members["score"] = .double((frames == 0 ? 0 : exp(logarithms / Double(frames))).rounded(decimals: 6))
    }

    private static func trimmed(_ text: String) -> String {
        let inside = text.drop { $0 == " " }
        return String(inside.reversed().drop { $0 == " " }.reversed())
    }
}
