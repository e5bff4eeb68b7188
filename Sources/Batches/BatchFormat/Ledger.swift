internal import Fault
internal import Glibc
public import JSON

/// One item's line in the ledger: its id and what each stage has written about it so far.
public struct LedgerRow: Sendable, Equatable {
    /// The item.
    public let id: ItemID
    /// The whole line, including `id`; each stage adds one member named after the stage.
    public var object: JSONObject

    /// Starts an item's line, in fetch.
    public init(id: ItemID) {
        self.id = id
        object = [LedgerKeys.id: .string(id.text)]
    }

    /// Wraps a parsed line; `nil` if it has no `id`.
    public init?(_ object: JSONObject) {
        guard let text = object[LedgerKeys.id]?.string else { return nil }
        id = ItemID(text)
        self.object = object
    }

    /// The same line for a piece of the item.
    public func renamed(_ id: ItemID) -> LedgerRow {
        var row = LedgerRow(id: id)
        for (name, value) in object.members where name != LedgerKeys.id { row.object.appendNew(name, value) }
        return row
    }

    /// The item's metadata.
    public var fields: JSONObject { object[LedgerKeys.fields]?.object ?? [:] }
}

/// An item rejected by this stage, and the reason.
public struct RejectRow: Sendable, Equatable {
    /// The item.
    public let id: ItemID
    /// The documented code of the reason.
    public let reason: String
    /// The reason in words.
    public let message: String
    /// For a duplicate, the item with the same bytes.
    public let duplicateOf: String?
    /// For a piece of an item, the item it was cut from.
    public let source: String?

    /// Makes a rejection.
    public init(id: ItemID, reason: String, message: String, duplicateOf: String? = nil, source: String? = nil) {
        self.id = id
        self.reason = reason
        self.message = message
        self.duplicateOf = duplicateOf
        self.source = source
    }

    init?(_ object: JSONObject) {
        guard let id = object["id"]?.string, let reason = object["reason"]?.string,
            let message = object["message"]?.string
        else { return nil }
        self.init(
            id: ItemID(id), reason: reason, message: message, duplicateOf: object["duplicate_of"]?.string,
            source: object["source"]?.string)
    }

    var object: JSONObject {
        var object: JSONObject = [
            "id": .string(id.text), "reason": .string(reason), "message": .string(message),
        ]
        if let duplicateOf { object["duplicate_of"] = .string(duplicateOf) }
        if let source { object["source"] = .string(source) }
        return object
    }
}

/// Files of one JSON object per line.
enum JSONLines {
    /// Parses every line; a missing newline at the end, or a line that is not an object, is damage.
    static func parse(_ bytes: UnsafeRawBufferPointer, path: String) throws(Fault) -> [JSONObject] {
        var objects: [JSONObject] = []
        try forEach(bytes, path: path) { (line, number) throws(Fault) in
            do throws(JSONSyntaxError) {
                guard case .object(let object) = try JSON(parsing: line) else {
                    throw JSONSyntaxError(offset: 0, reason: "the line is not an object")
                }
                objects.append(object)
            } catch {
                throw damage(path, number, error)
            }
        }
        return objects
    }

    /// Calls `body` with every line and its number, counted from 1.
    static func forEach(
        _ bytes: UnsafeRawBufferPointer, path: String,
        _ body: (_ line: UnsafeBufferPointer<UInt8>, _ number: Int) throws(Fault) -> Void
    ) throws(Fault) {
        guard bytes.isEmpty || bytes.last == UInt8(ascii: "\n") else {
            throw Fault(.damaged, "'\(path)' does not end with a newline: it is truncated")
        }
        var rest = UnsafeRawBufferPointer(rebasing: bytes[...])
        var number = 1
        while let start = rest.baseAddress, let end = memchr(start, 0x0A, rest.count) {
            let length = UnsafeRawPointer(end) - start
            try body(UnsafeRawBufferPointer(rebasing: rest[..<length]).assumingMemoryBound(to: UInt8.self), number)
            rest = UnsafeRawBufferPointer(rebasing: rest[(length + 1)...])
            number += 1
        }
    }

    static func damage(_ path: String, _ number: Int, _ error: JSONSyntaxError) -> Fault {
        Fault(.damaged, "'\(path)' line \(number): \(error)")
    }
}
