package import BatchFormat
internal import Durable
package import Fault
package import JSON
internal import PipelineConfig
internal import TextFormats

/// The fields in a batch's metadata source, by the keys of its rows.
///
/// A row that cannot be used costs its item, not the night: it keeps its key, if that can be read, and a problem. Only a
/// source without any usable row, and a file in which no one can say where a row ends, are errors.
package struct MetadataTable {
    /// What a source says of one key.
    package struct Row {
        /// The fields beside the key.
        package let fields: JSONObject
        /// Where it is, for messages: `line 3`.
        let place: String
        /// Why the row cannot be used; `nil` if it can.
        package fileprivate(set) var problem: String?
    }

    /// A row as a source has it.
    package struct Reading {
        let place: String
        let fields: JSONObject
        let problem: String?

        /// - Parameters:
        ///   - fields: the key and the fields, as far as they can be read.
        ///   - problem: why the row cannot be used.
        package init(place: String, fields: JSONObject, problem: String? = nil) {
            (self.place, self.fields, self.problem) = (place, fields, problem)
        }
    }

    /// The rows by their keys.
    package private(set) var rows: [ItemID: Row] = [:]
    /// What is wrong with rows that name no key.
    package private(set) var lost: [String] = []

    /// Rows in the source, repeated ones counted once.
    package var count: Int { rows.count + lost.count }

    /// No metadata.
    package init() {}

    /// Reads rows with a key column. Equal rows count as one; rows that give a key different fields have a problem.
    ///
    /// - Parameter source: the source's name for messages.
    package init(_ readings: some Sequence<Reading>, of source: String, key: String) throws(Fault) {
        for reading in readings { add(reading, of: source, key: key) }
        guard count > 0, rows.values.allSatisfy({ $0.problem != nil }) else { return }
        let first = lost.first ?? rows.values.compactMap(\.problem).min() ?? ""
        throw Fault(.damaged, lost.isEmpty ? "\(source) \(first)" : first)
    }

    private mutating func add(_ reading: Reading, of source: String, key: String) {
        let problem = reading.problem.map { "\(reading.place): \($0)" }
        guard let text = reading.fields[key]?.string, !text.isEmpty else {
            lost.append(
                "\(source) \(problem ?? "\(reading.place): there is no text in the key column '\(key)'")")
            return
        }
        var fields = reading.fields
        fields[key] = nil
        let id = ItemID(text)
        guard let earlier = rows[id] else {
            rows[id] = Row(fields: fields, place: reading.place, problem: problem)
            return
        }
        if earlier.problem == nil, problem == nil, earlier.fields.hasSameMembers(as: fields) { return }
        rows[id]?.problem =
            earlier.problem ?? problem ?? "\(earlier.place) and \(reading.place) give the key different fields"
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
            table.rows.map { row in
                var object = JSONObject()
                for (name, value) in zip(table.header, row.fields) where !value.isEmpty {
                    object[name] = .string(value)
                }
                return Reading(place: "line \(row.line)", fields: object, problem: row.problem)
            }, of: "'\(path)'", key: key)
    }

    /// Reads a JSON Lines file. Members that are `null` are omitted.
    package init(jsonl path: String, key: String) throws(Fault) {
        let bytes = try Self.read(path)
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        var readings: [Reading] = []
        for (number, line) in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        where !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) {
            let (fields, problem) = JSONLine.read(line)
            readings.append(Reading(place: "line \(number + 1)", fields: fields.withoutNulls, problem: problem))
        }
        try self.init(readings, of: "'\(path)'", key: key)
    }

    private static func read(_ path: String) throws(Fault) -> [UInt8] {
        do throws(Fault) { return try AtomicFile.read(path) } catch { throw error.within("item metadata") }
    }

    package subscript(id: ItemID) -> JSONObject? { rows[id]?.fields }
}

extension JSONObject {
    /// The object without its members that are `null`.
    var withoutNulls: JSONObject {
        var object = JSONObject()
        for (name, value) in members where value != .null { object[name] = value }
        return object
    }

    /// Whether another object has the same members, in any order.
    fileprivate func hasSameMembers(as other: JSONObject) -> Bool {
        members.count == other.members.count && members.allSatisfy { other[$0.name] == $0.value }
    }
}
