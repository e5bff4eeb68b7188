package import BatchFormat
internal import Durable
internal import Fault
package import JSON
package import ObjectSources

/// A line of the listing as used by fetch: the object, and the fields that came with it or were joined to it.
package struct ListedItem: Sendable {
    package let entry: ObjectEntry
    private let joined: Joined?

    /// What metadata has added; most listings have none.
    private final class Joined: Sendable {
        let fields: JSONObject
        let problem: String?

        init(_ fields: JSONObject, _ problem: String?) { (self.fields, self.problem) = (fields, problem) }
    }

    /// The item's id: its key.
    package var id: ItemID { ItemID(entry.key) }
    /// The fields that came with the object, and those that were joined to it.
    package var fields: JSONObject { joined?.fields ?? entry.fields }
    /// Why the item's row of metadata cannot be used; `nil` if it can, or if there is none.
    package var metadataProblem: String? { joined?.problem }

    /// An item without metadata.
    package init(_ entry: ObjectEntry) {
        self.entry = entry
        joined = nil
    }

    /// An item with metadata.
    ///
    /// - Parameters:
    ///   - fields: the entry's and those joined to it.
    ///   - metadataProblem: why the row cannot be used.
    package init(_ entry: ObjectEntry, fields: JSONObject, metadataProblem: String? = nil) {
        self.entry = entry
        joined = Joined(fields, metadataProblem)
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
