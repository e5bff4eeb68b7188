package import BatchFormat
internal import Durable
package import Fault
package import JSON
internal import PipelineConfig
internal import TextFormats

/// The fields in a batch's metadata source, by item.
package struct MetadataTable {
    private var fields: [ItemID: JSONObject] = [:]

    package var isEmpty: Bool { fields.isEmpty }

    /// No metadata.
    package init() {}

    /// Joins rows by a key column; throws, naming the place, if a row lacks it or a key appears twice.
    package init(rows: some Sequence<(place: String, fields: JSONObject)>, key: String) throws(Fault) {
        for (place, row) in rows {
            guard let id = row[key]?.string else {
                throw Fault(.damaged, "\(place): there is no text in the key column '\(key)'")
            }
            var rest = row
            rest[key] = nil
            guard fields.updateValue(rest, forKey: ItemID(id)) == nil else {
                throw Fault(.damaged, "\(place): the key '\(id)' appears a second time")
            }
        }
    }

    /// Reads a CSV file. Values stay text, and empty ones are omitted; clean's schema assigns their types.
    package init(csv path: String, key: String) throws(Fault) {
        let table = try CSVTable(try Self.read(path), path: path)
        guard table.header.contains(where: { $0.hasSameBytes(as: key) }) else {
            throw Fault(
                .configuration,
                "'\(path)' has no column '\(key)'; its columns are \(table.header.joined(separator: ", "))")
        }
        try self.init(
            rows: table.rows.map { row in
                var object = JSONObject()
                for (name, value) in zip(table.header, row.fields) where !value.isEmpty {
                    object[name] = .string(value)
                }
                return ("'\(path)' line \(row.line)", object)
            }, key: key)
    }

    /// Reads a JSON Lines file. Members that are `null` are omitted.
    package init(jsonl path: String, key: String) throws(Fault) {
        var rows: [(place: String, fields: JSONObject)] = []
        for (number, line) in try Self.read(path).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated() where !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D })
        {
            let place = "'\(path)' line \(number + 1)"
            do {
                guard case .object(let object) = try JSON(parsing: line) else {
                    throw JSONSyntaxError(offset: 0, reason: "the line is not an object")
                }
                rows.append((place, object.withoutNulls))
            } catch {
                throw Fault(.damaged, "\(place): \(error)")
            }
        }
        try self.init(rows: rows, key: key)
    }

    private static func read(_ path: String) throws(Fault) -> [UInt8] {
        do throws(Fault) { return try AtomicFile.read(path) } catch { throw error.within("item metadata") }
    }

    package subscript(id: ItemID) -> JSONObject? { fields[id] }
}

extension JSONObject {
    /// The object without its members that are `null`.
    var withoutNulls: JSONObject {
        var object = JSONObject()
        for (name, value) in members where value != .null { object[name] = value }
        return object
    }
}
