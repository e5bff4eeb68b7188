package import BatchFormat
internal import Durable
internal import Fault
package import JSON
package import ObjectStore

/// One line of the listing as fetch goes by it: the object, and the fields that came with it or were joined to it.
package struct ListedItem: Sendable {
    package let id: ItemID
    package let entry: ObjectEntry
    package let fields: JSONObject

    package init(id: ItemID, entry: ObjectEntry, fields: JSONObject) {
        self.id = id
        self.entry = entry
        self.fields = fields
    }

    /// What decides, together with the bytes, what this item becomes; equal records mean that nothing changed.
    package var record: JSONObject {
        var object: JSONObject = ["id": .string(id.text), "version": .string(entry.version)]
        if let problem = entry.problem { object["problem"] = .string(problem.description) }
        if !fields.isEmpty { object["fields"] = .object(fields) }
        return object
    }

    /// What stands in a part instead if the item was gone when it was to be brought.
    package var recordIfVanished: JSONObject {
        var object = record
        object["version"] = nil
        return object
    }
}

/// `listing.jsonl` in each of fetch's parts: the slice of the listing that the part was made from.
///
/// A later run compares it with the listing of its day to see which parts still stand. An item that vanished between
/// listing and transfer has no version there, so that it counts as changed as soon as it is listed again.
enum ListingRecord {
    static let fileName = "listing.jsonl"

    static func read(_ part: PartReader) throws(Fault) -> [JSONObject] {
        let map = try part.checked(fileName)
        var records: [JSONObject] = []
        for line in map.bytes.split(separator: UInt8(ascii: "\n")) {
            guard let record = try? JSON(parsing: line).object, record["id"]?.string != nil else {
                throw Fault(.damaged, "'\(map.path)' line \(records.count + 1) is no line of a listing")
            }
            records.append(record)
        }
        return records
    }
}
