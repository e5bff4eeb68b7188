public import Fault
public import JSON
internal import TOMLText

extension ModelPackage {
    /// Compares what the model was trained on with a batch. Keys that the model omits are not compared.
    ///
    /// - Parameter batch: the configuration of the features, including `sample_rate`.
    /// - Throws: `.configuration` with a message such as `trained on 40 mel bins, the batch has 80`.
    public func checkFeatures(_ batch: JSONObject) throws(Fault) {
        let differences = manifest.input.features.members.compactMap { key, expected -> String? in
            guard let found = batch[key] else {
                let guess = nearest(to: key, among: batch.members.map(\.name)).map { "; did you mean \($0)?" } ?? ""
                return "has input.features.\(key) in its model.toml, which the batch does not have\(guess)"
            }
            return Self.areEqual(expected, found)
                ? nil : "was trained on \(Self.words(key, expected)), the batch has \(Self.value(found))"
        }
        guard differences.isEmpty else {
            throw Fault(
                .configuration,
                "the model \(reference) does not fit the features: it \(differences.joined(separator: "; it ")); "
                    + "change featurize's configuration or use another model")
        }
    }

    /// Equality in which 20 equals 20.0: TOML distinguishes integers from floats, people do not.
    private static func areEqual(_ a: JSON, _ b: JSON) -> Bool {
        if let a = a.double, let b = b.double { return a == b }
        return a == b
    }

    private static func words(_ key: String, _ value: JSON) -> String {
        switch key {
        case "mel_bins": "\(self.value(value)) mel bins"
        case "num_ceps": "\(self.value(value)) cepstral coefficients"
        case "sample_rate": "a sample rate of \(self.value(value)) Hz"
        case "kind": "\(self.value(value)) features"
        default: "\(key) = \(self.value(value))"
        }
    }

    private static func value(_ value: JSON) -> String { value.string ?? value.text(.line) }
}
