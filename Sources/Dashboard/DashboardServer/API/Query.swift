internal import HTTPTypes

/// A request's parameters, checked.
struct Query: Sendable {
    private let parameters: [Parameter]
    private var values: [String: String] = [:]
    /// `field.NAME=VALUE`, in the order given.
    private(set) var fields: [(name: String, value: String)] = []

    /// Parses the text after the `?`. Unknown, duplicate, malformed or missing parameters are refused (400).
    init(_ text: Substring, allowing parameters: [Parameter]) throws(HTTPProblem) {
        self.parameters = parameters
        for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard let name = Self.decoded(pair[..<equals]), let value = Self.decoded(pair[equals...].dropFirst()) else {
                throw HTTPProblem(.badRequest, "the query is not percent-encoded UTF-8")
            }
            try take(name, value)
        }
        for parameter in parameters where parameter.isRequired && values[parameter.name] == nil {
            throw HTTPProblem(.badRequest, "the parameter '\(parameter.name)' is missing")
        }
    }

    private mutating func take(_ name: String, _ value: String) throws(HTTPProblem) {
        let known = parameters.first { parameter in
            if case .fields = parameter.form { return Self.isField(name) }
            return parameter.name == name
        }
        guard let known else {
            let names = parameters.map { if case .fields = $0.form { "field.NAME" } else { $0.name } }
                .joined(separator: ", ")
            throw HTTPProblem(
                .badRequest,
                "there is no parameter '\(name)' here; " + (names.isEmpty ? "there are none" : "known: \(names)"))
        }
        if let complaint = known.complaint(about: value) { throw HTTPProblem(.badRequest, "'\(name)' \(complaint)") }
        if case .fields = known.form {
            let field = String(name.dropFirst("field.".count))
            guard !fields.contains(where: { $0.name == field }) else {
                throw HTTPProblem(.badRequest, "'\(name)' is given twice")
            }
            fields.append((field, value))
        } else if values.updateValue(value, forKey: name) != nil {
            throw HTTPProblem(.badRequest, "'\(name)' is given twice")
        }
    }

    private static func isField(_ name: String) -> Bool {
        name.hasPrefix("field.") && (7...70).contains(name.utf8.count)
            && name.utf8.dropFirst(6).allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") }
    }

    /// A parameter's text, or its default.
    func text(_ name: String) -> String? {
        if let value = values[name] { return value }
        guard case .choice(_, let standard)? = parameters.first(where: { $0.name == name })?.form else { return nil }
        return standard
    }

    /// The text of a required parameter.
    func required(_ name: String) -> String { values[name] ?? "" }

    /// A number.
    func number(_ name: String) -> Double? { values[name].flatMap(Parameter.number) }

    /// A whole number, or its default.
    func integer(_ name: String) -> Int {
        if let value = values[name].flatMap(Parameter.integer) { return value }
        guard case .integer(_, let standard)? = parameters.first(where: { $0.name == name })?.form else { return 0 }
        return standard
    }

    /// Percent-decoded text, with `+` as a space as in forms; `nil` for incomplete escapes and invalid UTF-8.
    static func decoded(_ encoded: some Collection<UInt8>) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.count)
        var rest = encoded.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.next()?.hexDigitValue, let low = rest.next()?.hexDigitValue else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension UInt8 {
    /// The value of a hex digit.
    fileprivate var hexDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
