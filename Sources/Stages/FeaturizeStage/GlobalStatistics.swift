internal import BatchFormat
internal import Digests
internal import Durable
internal import Fault
internal import JSON
internal import Signal

/// The file read by `normalize = "global"`: each bin's mean and standard deviation over many recordings.
///
/// Plain JSON without a checksum, because it may come from elsewhere: from the script that trained the model, computed
/// on the training set. Its digest is part of the key of every part made with it.
///
/// ```json
/// {"format": 1, "kind": "feature-statistics",
///  "features": {"kind": "kaldi-fbank", "sample_rate": 16000, "mel_bins": 80, …},
///  "items": 250, "frames": 31245, "mean": [80 numbers], "standard_deviation": [80 numbers]}
/// ```
///
/// `format`, `kind`, `features.kind`, `mean` and `standard_deviation` are required. Other members of `features` must
/// agree with the pipeline; what is omitted is not compared.
struct GlobalStatistics: Sendable {
    static let format = 1
    private static let fileKind = "feature-statistics"

    /// The features behind the statistics: kind, sample rate and settings.
    let features: JSONObject
    let means: [Double]
    let standardDeviations: [Double]
    /// The digest of the file's content, independent of its layout.
    let digest: Digest
    private let path: String

    /// Reads and checks a file: throws 66 if it is missing, 78 if it is not a statistics file.
    init(reading path: String) throws(Fault) {
        func wrong(_ reason: String) -> Fault {
            Fault(.configuration, "the statistics '\(path)' cannot be used: \(reason)")
        }
        let bytes: [UInt8]
        do throws(Fault) {
            bytes = try AtomicFile.read(path)
        } catch {
            throw error.kind != .missing
                ? error
                : Fault(
                    .missing, "there are no statistics '\(path)'; fit them with 'featurize … --fit-statistics \(path)'")
        }
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch { throw wrong("\(error)") }
        guard json["kind"]?.string == Self.fileKind else { throw wrong("\"kind\" is not \"\(Self.fileKind)\"") }
        guard json["format"]?.int == Self.format else {
            let found = json["format"].map { $0.text(.line) } ?? "none"
            throw wrong("it has format \(found), this build reads format \(Self.format)")
        }
        guard let features = json["features"]?.object, features["kind"]?.string != nil else {
            throw wrong("\"features\" does not say which kind of features they are of")
        }
        self.path = path
        self.features = features
        means = json["mean"]?.array?.compactMap(\.double) ?? []
        standardDeviations = json["standard_deviation"]?.array?.compactMap(\.double) ?? []
        digest = Digest(of: json.bytes(.canonical))
        guard !means.isEmpty, means.count == standardDeviations.count, means.count == json["mean"]?.array?.count,
            standardDeviations.count == json["standard_deviation"]?.array?.count
        else { throw wrong("\"mean\" and \"standard_deviation\" are not two lists of the same length") }
        guard standardDeviations.allSatisfy({ $0 >= 0 }) else { throw wrong("a standard deviation is negative") }
    }

    /// A normaliser for a pipeline's features, if the statistics match them.
    func normalizer(for definition: JSONObject, bins: Int) throws(Fault) -> Normalizer {
        for (name, fitted) in features.members {
            guard let wanted = definition[name], !wanted.isSame(as: fitted) else { continue }
            throw Fault(
                .configuration,
                "the statistics '\(path)' were fitted on \(name) = \(fitted.text(.line)), the pipeline has "
                    + "\(wanted.text(.line)): fit them again with --fit-statistics")
        }
        guard means.count == bins else {
            throw Fault(
                .configuration,
                "the statistics '\(path)' are of \(means.count) bins, the pipeline's features have \(bins): "
                    + "fit them again with --fit-statistics")
        }
        return Normalizer(means: means, standardDeviations: standardDeviations)
    }

    /// Publishes newly fitted statistics.
    static func write(
        _ statistics: FeatureStatistics, of features: JSONObject, items: Int, fittedOn input: InputReference,
        to path: String
    ) throws(Fault) {
        let object: JSONObject = [
            "format": .int(Int64(format)), "kind": .string(fileKind), "features": .object(features),
            "fitted_on": [
                "pipeline": .string(input.pipeline), "batch": .string(input.batch), "stage": .string(input.stage),
                "version": .string(input.version), "digest": .string(input.digest.hex),
            ],
            "items": .int(Int64(items)), "frames": .int(Int64(statistics.frames)),
            "mean": .array(statistics.means.map { .double($0) }),
            "standard_deviation": .array(statistics.standardDeviations.map { .double($0) }),
        ]
        try AtomicFile.write(JSON.object(object).bytes(.pretty) + [UInt8(ascii: "\n")], to: path)
    }
}

extension JSON {
    /// Equality that treats 25 and 25.0 as the same number.
    fileprivate func isSame(as other: JSON) -> Bool {
        if let number = double, let otherNumber = other.double { return number == otherNumber }
        return self == other
    }
}
