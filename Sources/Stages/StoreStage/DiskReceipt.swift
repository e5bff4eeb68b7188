internal import BatchFormat
internal import Durable
internal import Fault
internal import JSON

/// `receipt.json` in a version of the store's stage: what was loaded, and where.
///
/// The receipt in the database decides whether there is something to do; this one is for readers of the batch. The
/// transaction and the time vary between runs, so they are in the version's seal, under `run`.
struct DiskReceipt {
    static let fileName = "receipt.json"

    /// The database, without user and password.
    let database: String
    /// The stages and versions that were loaded.
    let loaded: [LoadReceipt]
    /// Items whose predictions were loaded, and items that could not be stored.
    let items: Int
    let rejected: Int

    /// Makes a receipt from the database's receipts.
    init(database: String, receipts: [LoadReceipt], own: String) {
        self.database = database
        loaded = receipts.filter { $0.loaded.stage != own }
        items = loaded.reduce(0) { $0 + $1.predictions }
        rejected = receipts.first { $0.loaded.stage == own }?.rejections ?? 0
    }

    /// The receipt as a file.
    var sealed: SealedJSON {
        SealedJSON(
            [
                "format": .int(Int64(BatchFormat.number)), "kind": "receipt", "database": .string(database),
                "items": .int(Int64(items)), "rejected": .int(Int64(rejected)),
                "loaded": .array(
                    loaded.map {
                        [
                            "stage": .string($0.loaded.stage), "version": .string($0.loaded.version),
                            "digest": .string($0.loaded.digest), "predictions": .int(Int64($0.predictions)),
                            "rejections": .int(Int64($0.rejections)),
                        ]
                    }),
            ], run: [:])
    }

    /// Reads the counts from a version's receipt; `nil` if the version has none, because it is not a store's.
    init?(of version: VersionReader) throws(Fault) {
        guard version.seal.files.contains(where: { $0.name == Self.fileName }) else { return nil }
        let path = "\(version.path)/\(Self.fileName)"
        let object = try SealedJSON.read(path).object
        guard object["kind"]?.string == "receipt", let database = object["database"]?.string,
            let items = object["items"]?.int, let rejected = object["rejected"]?.int
        else { throw Fault(.damaged, "'\(path)' is not the receipt of a load") }
        self.database = database
        self.items = items
        self.rejected = rejected
        loaded = []
    }
}
