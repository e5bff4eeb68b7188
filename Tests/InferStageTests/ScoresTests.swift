import Foundation
import InferStage
import JSON
import Testing

@Suite struct ScoresTests {
    private func members(_ values: [Float], _ write: (UnsafeBufferPointer<Float>, inout JSONObject) -> Void)
        -> JSONObject
    {
        var members = JSONObject()
        values.withUnsafeBufferPointer { write($0, &members) }
        return members
    }

    @Test func `labels are a softmax with six digits`() {
        // exp(1), exp(2), exp(0.5) over their sum 11.756, by hand.
        let found = members([1, 2, 0.5]) { Labels.write(softmax($0), ["a", "b", "c"], top: 2, into: &$1) }
        #expect(found["label"] == "b")
        #expect(found["score"] == 0.628532)
        #expect(found["top"] == [["b", 0.628532], ["a", 0.231224]])
    }

    @Test func `ties follow the labels' order`() {
        let found = members([3, 3, 3]) { Labels.write(softmax($0), ["a", "b", "c"], top: 3, into: &$1) }
        #expect(found["label"] == "a")
        #expect(found["top"] == [["a", 0.333333], ["b", 0.333333], ["c", 0.333333]])
    }

    @Test func `large scores do not overflow`() {
        let found = members([1e30, -1e30, -.infinity]) {
            Labels.write(softmax($0), ["a", "b", "c"], top: 0, into: &$1)
        }
        #expect(found["score"] == 1.0)
        #expect(found["top"] == nil)
    }

    @Test func `tags are sigmoids above the threshold, best first`() {
        let found = members([0, 2, -2]) { Tags.write(sigmoid($0), ["a", "b", "c"], threshold: 0.5, into: &$1) }
        #expect(found["tags"] == [["b", 0.880797], ["a", 0.5]])
        let none = members([-2, -3]) { Tags.write(sigmoid($0), ["a", "b"], threshold: 0.5, into: &$1) }
        #expect(none["tags"] == [])
    }

    /// Frames in which one token has all the weight.
    private func frames(_ tokens: [Int], of count: Int) -> [Float] {
        tokens.flatMap { token in (0..<count).map { $0 == token ? 20 : 0 } }
    }

    @Test(arguments: [
        ([0, 1, 1, 0, 1, 2, 2, 0], "aab"),
        ([1, 1, 1], "a"),
        ([0, 0], ""),
        ([3, 1, 3, 2, 3], "a b"),
        ([1, 3, 3, 0, 3, 2], "a  b"),
        ([4, 1, 4], "ca c"),
    ])
    func `tokens merge repeats and drop blanks`(tokens: [Int], text: String) {
        let labels = ["", "a", "b", "|", "\u{2581}c"]
        let found = members(frames(tokens, of: 5)) { _ = Tokens.write($0, labels, blank: 0, into: &$1) }
        #expect(found["text"] == .string(text))
        #expect((found["score"]?.double ?? 0) > 0.99999)
    }

    @Test func `the blank may be at another place`() {
        let found = members(frames([0, 2, 0, 1], of: 3)) { _ = Tokens.write($0, ["a", "b", "-"], blank: 2, into: &$1) }
        #expect(found["text"] == "aab")
    }

    @Test func `the score of a text is the geometric mean of its frames`() {
        // Frame 1: softmax(0, ln 3) = (1/4, 3/4). Frame 2: (1/2, 1/2). The mean of 3/4 and 1/2 is sqrt(3/8).
        let found = members([0, Float(log(3.0)), 0, 0]) { _ = Tokens.write($0, ["", "a"], blank: 0, into: &$1) }
        #expect(found["score"] == 0.612372)
        let silent = members([]) { _ = Tokens.write($0, ["", "a"], blank: 0, into: &$1) }
        #expect(silent["text"] == "")
        #expect(silent["score"] == 0.0)
    }

    @Test(arguments: [
        (123456.789, 123457), (0.000123456789, 0.000123457), (-98765432.1, -98765400), (0, 0), (1, 1), (0.1, 0.1),
        (1.5e-30, 1.5e-30),
    ])
    func `values keep six significant digits`(value: Double, rounded: Double) {
        #expect(value.roundedToSixDigits == rounded)
    }
}
