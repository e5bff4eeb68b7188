internal import JSON

/// The groups of an item: all items, and those with the same value of a field, for each field to count by.
///
/// Groups have numbers, 0 for all items, so that counters can use arrays.
struct Groups {
    /// A text compared as bytes.
    struct Name: Hashable {
        let text: String
        static func == (a: Name, b: Name) -> Bool { a.text.hasSameBytes(as: b.text) }
        func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }
    }

    /// A field with more values than this identifies items rather than groups, and would be of no use to people.
    static let mostValues = 1000
    /// PostgreSQL cannot index much longer keys.
    static let longestValue = 256

    /// The groups: the field's number, `nil` for all items, and the value.
    private(set) var all: [(field: Int?, value: String)] = [(nil, "")]
    /// The groups of the current item.
    private(set) var current: [Int] = [0]
    /// The fields' names, in UTF-8.
    let fields: [[UInt8]]
    /// Whether a field has turned out to have too many values, or too long ones.
    private(set) var isGivenUp: [Bool]
    private var numbers: [[Name: Int]]

    init(by fields: [String]) {
        self.fields = fields.map { Array($0.utf8) }
        isGivenUp = fields.map { _ in false }
        numbers = fields.map { _ in [:] }
    }

    /// Starts an item.
    mutating func beginItem() {
        current.removeAll(keepingCapacity: true)
        current.append(0)
    }

    /// Reads a member of the item's fields.
    mutating func take(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) throws(JSONSyntaxError)
    {
        for index in fields.indices where name.elementsEqual(fields[index]) && !isGivenUp[index] {
            guard let text = try Self.text(of: value) else { continue }
            guard text.utf8.count <= Self.longestValue else {
                isGivenUp[index] = true
                continue
            }
            if let known = numbers[index][Name(text: text)] {
                current.append(known)
            } else if numbers[index].count < Self.mostValues {
                numbers[index][Name(text: text)] = all.count
                current.append(all.count)
                all.append((index, text))
            } else {
                isGivenUp[index] = true
            }
        }
    }

    /// A group's field and value, both empty for all items; `nil` if its field was given up.
    func name(of group: Int) -> (field: String, value: String)? {
        guard let field = all[group].field else { return ("", "") }
        return isGivenUp[field] ? nil : (String(decoding: fields[field], as: UTF8.self), all[group].value)
    }

    /// A value as text, as returned by SQL's `->>`; `nil` for null, lists and objects.
    private static func text(of value: UnsafeBufferPointer<UInt8>) throws(JSONSyntaxError) -> String? {
        switch value.first {
        case UInt8(ascii: "\""): try JSON(parsing: value).string
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "n"), nil: nil
        default: String(decoding: value, as: UTF8.self)
        }
    }
}
