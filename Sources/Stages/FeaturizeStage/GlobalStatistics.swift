internal import BatchFormat
internal import Digests
internal import Durable
internal import Fault
internal import JSON
internal import Signal

/// The file that `normalize = "global"` reads: each bin's mean and standard deviation over many recordings.
///
/// Plain JSON without a checksum, because it also comes from elsewhere: from the training set of the model that is to run,
/// written by the script that trained it. Its digest enters the key of every part made with it.
///
/// ```json
/// {"format": 1, "kind": "feature-statistics",
///  "features": {"kind": "kaldi-fbank", "sample_rate": 16000, "mel_bins": 80, …},
///  "items": 250, "frames": 31245, "mean": [80 numbers], "standard_deviation": [80 numbers]}
/// ```
///
/// `format`, `kind`, `features.kind`, `mean` and `standard_deviation` must be there. What else `features` says must agree
/// with the pipeline; what it leaves out is not compared.
struct GlobalStatistics: Sendable {
    static let format = 1
    private static let fileKind = "feature-statistics"

    /// What the statistics are of: kind, sample rate and settings.
    let features: JSONObject
    let means: [Double]
    let standardDeviations: [Double]
    /// The digest of the file's content, whatever its layout.
    let digest: Digest
    private let path: String

    /// Reads and checks a file: 66 if there is none, 78 if it is no such file.
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
                    .missing, "there are no statistics '\(path)': fit them with 'featurize … --fit-statistics \(path)'")
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
        else { throw wrong("\"mean\" and \"standard_deviation\" are not two lists of as many numbers") }
        guard standardDeviations.allSatisfy({ $0 >= 0 }) else { throw wrong("a standard deviation is negative") }
    }

    /// A normaliser for a pipeline's features, if that is what the statistics are of.
    func normalizer(for definition: JSONObject, bins: Int) throws(Fault) -> Normalizer {
        for (name, fitted) in features.members {
            guard let wanted = definition[name], !wanted.isSame(as: fitted) else { continue }
            throw Fault(
                .configuration,
                "the statistics '\(path)' were fitted on \(name) = \(fitted.text(.line)), the pipeline has "
                    + "\(wanted.text(.line)): fit them anew with --fit-statistics")
        }
        guard means.count == bins else {
            throw Fault(
                .configuration,
                "the statistics '\(path)' are of \(means.count) bins, the pipeline's features have \(bins): "
                    + "fit them anew with --fit-statistics")
        }
        return Normalizer(means: means, standardDeviations: standardDeviations)
    }

    /// Publishes statistics that were just fitted.
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
    /// Equality that takes 25 and 25.0 for the same number.
    fileprivate func isSame(as other: JSON) -> Bool {
        if let number = double, let otherNumber = other.double { return number == otherNumber }
        return self == other
    }
}
