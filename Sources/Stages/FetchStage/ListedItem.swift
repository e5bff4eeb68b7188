package import BatchFormat
internal import Durable
internal import Fault
package import JSON
package import ObjectSources

/// A line of the listing as used by fetch: the object, and the fields that came with it or were joined to it.
package struct ListedItem: Sendable {
    package let id: ItemID
    package let entry: ObjectEntry
    package let fields: JSONObject
    /// Why the item's row of metadata cannot be used; `nil` if it can, or if there is none.
    package let metadataProblem: String?

    package init(id: ItemID, entry: ObjectEntry, fields: JSONObject, metadataProblem: String? = nil) {
        self.metadataProblem = metadataProblem
        self.id = id
        self.entry = entry
        self.fields = fields
    }

    /// What determines this item's result, together with the bytes; equal records mean that nothing changed.
    package var record: JSONObject {
        var object: JSONObject = ["id": .string(id.text), "version": .string(entry.version)]
        if let problem = entry.problem { object["problem"] = .string(problem.description) }
        if let metadataProblem { object["metadata_problem"] = .string(metadataProblem) }
        if !fields.isEmpty { object["fields"] = .object(fields) }
        return object
    }

    /// The record written instead if the item was gone, or withheld, when it was to be fetched.
    package var recordIfUnavailable: JSONObject {
        var object = record
        object["version"] = nil
        return object
    }
}

/// `listing.jsonl` in each of fetch's parts: the slice of the listing that the part was made from.
///
/// A later run compares it with its own listing to see which parts are still valid. An item that vanished between
/// listing and transfer, or that the source withheld, has no version there, so that the next run that lists it requests
/// it again.
enum ListingRecord {
    static let fileName = "listing.jsonl"

    static func read(_ part: PartReader) throws(Fault) -> [JSONObject] {
        let map = try part.checked(fileName)
        var records: [JSONObject] = []
        for line in map.bytes.split(separator: UInt8(ascii: "\n")) {
            guard let record = try? JSON(parsing: line).object, record["id"]?.string != nil else {
                throw Fault(.damaged, "'\(map.path)' line \(records.count + 1) is not a listing record")
            }
            records.append(record)
        }
        return records
    }
}
