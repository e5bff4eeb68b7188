internal import BatchFormat
internal import Fault

/// References from versions of one batch to versions of another, as made by trials with `--input`.
struct References {
    private var all: [(reference: InputReference, reader: StageFolder, number: Int)] = []

    /// Reads the seals, or the manifests, of every version.
    init(_ folders: [StageFolder]) throws(Fault) {
        for folder in folders {
            for number in try folder.versions() {
                for input in try StockedVersion(number, in: folder).inputs
                where input.pipeline != folder.pipeline || input.batch != folder.batch {
                    all.append((input, folder, number))
                }
            }
        }
    }

    /// The references from other batches to the batch of these stages.
    func foreign(to folders: [StageFolder]) -> [(reference: InputReference, reader: String)] {
        guard let batch = folders.first else { return [] }
        return all.filter { $0.reference.pipeline == batch.pipeline && $0.reference.batch == batch.batch }.map {
            ($0.reference, "\($0.reader.pipeline) \($0.reader.batch) \($0.reader.stage) v\($0.number)")
        }
    }
}
