import Foundation
import TestKit
import TestTools

/// The night of `make demo`: real spoken digits as uploaded by a dozen devices, some files damaged on purpose.
enum DemoNight {
    /// A copy of a workplace with the uploads and the `digits` pipeline, and nothing run yet.
    static func workplace() throws -> Workplace { try Workplace(copying: made.get()) }

    private static let made = Result {
        let place = try Workplace(models: Checkout.path("pipelines/models"))
        try place.write("pipelines/digits/pipeline.toml", Checkout.text("pipelines/digits/pipeline.toml"))
        let done = try Python.run(
            Python.demo,
            [Checkout.path("pipelines/digits/demo_uploads.py"), "data/uploads", Workplace.batch], in: place)
        guard done.code == 0 else { throw HarnessError("\(done)") }
        return place
    }

    /// What was said in each upload (empty if unknown), and where it should end: `stored`, or a reason.
    static func truth(_ place: Workplace) throws -> [String: (digit: String, fate: String)] {
        let lines = try place.text("data/uploads/\(Workplace.batch).truth.csv").split(separator: "\n").dropFirst()
        return Dictionary(
            uniqueKeysWithValues: lines.map { line in
                let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
                return (cells[0], (cells[1], cells[2]))
            })
    }

    /// How predictions, given as (item, label), and rejections, as (item, reason), compare with the truth.
    static func judge(
        _ place: Workplace, predictions: [[String]], rejections: [[String]]
    ) throws -> (accuracy: Double, strays: [String]) {
        let truth = try truth(place)
        let spoken = predictions.filter { truth[$0[0]]?.digit.isEmpty == false }
        let right = spoken.filter { truth[$0[0]]?.digit == $0[1] }
        var ends = Dictionary(uniqueKeysWithValues: rejections.map { ($0[0], $0[1]) })
        for prediction in predictions { ends[prediction[0]] = "stored" }
        let strays = truth.filter { ends[$0.key] != $0.value.fate }
            .map { "\($0.key) should be \($0.value.fate), is \(ends[$0.key] ?? "nowhere")" }
        return (Double(right.count) / Double(max(1, spoken.count)), strays.sorted())
    }
}
