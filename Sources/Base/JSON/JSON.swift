/// A JSON value whose objects keep the order in which their members were written.
///
/// Ledger lines are passed from stage to stage without being rewritten, so order matters; and integers stay distinct
/// from floating-point numbers, so that `1` never comes back as `1.0`.
public enum JSON: Sendable, Hashable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// A number written without a fraction or an exponent that fits 64 bits.
    case int(Int64)
    /// Any other finite number that a double represents.
    case double(Double)
    /// A number with more digits than either represents, as it was written: a whole number beyond 64 bits, or one with
    /// more than 17 significant digits.
    case digits(String)
    /// A string.
    case string(String)
    /// An array.
    case array([JSON])
    /// An object.
    case object(JSONObject)
}

/// The members of a JSON object, in order. Names are compared as UTF-8 bytes, and are unique.
public struct JSONObject: Sendable, Hashable {
    /// The members, in the order in which they were set.
    public private(set) var members: [(name: String, value: JSON)]

    /// An empty object.
    public init() { members = [] }

    /// An object of the given members; a later member of the same name replaces an earlier one.
    public init(_ members: KeyValuePairs<String, JSON>) {
        self.members = []
        self.members.reserveCapacity(members.count)
        for (name, value) in members { self[name] = value }
    }

    /// The value of a member; setting `nil` removes it, setting a new one appends it.
    public subscript(name: String) -> JSON? {
        get {
            for member in members where member.name.hasSameBytes(as: name) { return member.value }
            return nil
        }
        set {
            if let at = members.firstIndex(where: { $0.name.hasSameBytes(as: name) }) {
                if let newValue { members[at].value = newValue } else { members.remove(at: at) }
            } else if let newValue {
                members.append((name, newValue))
            }
        }
    }

    /// Whether there are no members.
    public var isEmpty: Bool { members.isEmpty }

    /// Appends a member known to be absent, without checking.
    package mutating func appendNew(_ name: String, _ value: JSON) { members.append((name, value)) }

    /// Equal when the members are, in the same order.
    public static func == (a: JSONObject, b: JSONObject) -> Bool {
        a.members.count == b.members.count
            && zip(a.members, b.members).allSatisfy { $0.name.hasSameBytes(as: $1.name) && $0.value == $1.value }
    }

    /// Hashes names and values in order.
    public func hash(into hasher: inout Hasher) {
        for member in members {
            member.name.hashBytes(into: &hasher)
            hasher.combine(member.value)
        }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// An object of the given members, in the order written.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self.init()
        for (name, value) in elements { self[name] = value }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    /// `null`
    public init(nilLiteral: ()) { self = .null }
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An integer.
    public init(integerLiteral value: Int64) { self = .int(value) }
    /// A floating-point number.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// `true` or `false`
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An array.
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// An object, its members in the order written.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        var object = JSONObject()
        for (name, value) in elements { object[name] = value }
        self = .object(object)
    }
}

extension JSON {
    /// Equal when they would be written the same: strings are compared by their bytes (Swift's own `==` treats NFC and
    /// NFD forms as equal), numbers by their bits, so that `0.0` is not `-0.0`.
    public static func == (a: JSON, b: JSON) -> Bool {
        switch (a, b) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.int(let a), .int(let b)): a == b
        case (.double(let a), .double(let b)): a.bitPattern == b.bitPattern
        case (.digits(let a), .digits(let b)): a == b
        case (.string(let a), .string(let b)): a.hasSameBytes(as: b)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        default: false
        }
    }

    /// Hashes what `==` compares.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .int(let value): hasher.combine(value)
        case .double(let value): hasher.combine(value.bitPattern)
        case .digits(let text): text.hashBytes(into: &hasher)
        case .string(let value): value.hashBytes(into: &hasher)
        case .array(let values): hasher.combine(values)
        case .object(let object): hasher.combine(object)
        }
    }
}

extension JSON {
    /// A member of an object; `nil` if this is not an object or the member is absent.
    public subscript(name: String) -> JSON? {
        if case .object(let object) = self { object[name] } else { nil }
    }

    /// The string, if this is one.
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The integer, if this is one.
    public var int: Int? { if case .int(let value) = self { Int(exactly: value) } else { nil } }
    /// The number, integer or not, if this is one; rounded if a double does not represent it.
    public var double: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        case .digits(let text): Double(text)
        default: nil
        }
    }
    /// The truth value, if this is one.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The elements, if this is an array.
    public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    /// The members, if this is an object.
    public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
}

extension String {
    /// Equality of UTF-8 bytes; `==` on strings would treat the NFC and NFD forms of a key as equal.
    public func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        var (mine, theirs) = (self, other)
        return mine.withUTF8 { a in theirs.withUTF8 { b in a.elementsEqual(b) } }
    }

    /// Order of UTF-8 bytes, which is the order used everywhere on disk.
    public func precedesByBytes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }

    /// Hashes the UTF-8 bytes, consistent with ``hasSameBytes(as:)``.
    public func hashBytes(into hasher: inout Hasher) {
        var text = self
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
