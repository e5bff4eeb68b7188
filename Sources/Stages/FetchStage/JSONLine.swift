internal import JSON

/// One line of a JSON Lines file, as far as it can be read.
enum JSONLine {
    /// The members of a line's object, and what is wrong with the line, if anything; the members before the place of an
    /// error are those before it.
    ///
    /// `NaN`, `Infinity` and `-Infinity`, which Python writes and JSON does not have, become text, as they do from a
    /// database: a check of the field's type finds them.
    static func read(_ line: ArraySlice<UInt8>) -> (fields: JSONObject, problem: String?) {
        do throws(JSONSyntaxError) {
            return (try object(line), nil)
        } catch {
            if let quoted = quotingNonNumbers(in: line), let object = try? object(quoted) { return (object, nil) }
            return (membersBeforeError(in: line), error.description + (hint(line) ?? ""))
        }
    }

    private static func object(_ line: some Collection<UInt8>) throws(JSONSyntaxError) -> JSONObject {
        guard case .object(let object) = try JSON(parsing: line) else {
            throw JSONSyntaxError(offset: 0, reason: "the line is not an object")
        }
        return object
    }

    private static func membersBeforeError(in line: ArraySlice<UInt8>) -> JSONObject {
        var members = JSONObject()
        // Bytes that are not UTF-8 would end the walk before it begins.
        Array(String(decoding: line, as: UTF8.self).utf8).withUnsafeBufferPointer { bytes in
            _ = try? JSON.forEachMember(of: bytes) { (name, value) throws(JSONSyntaxError) in
                guard case .string(let text) = try JSON(parsing: [0x22] + Array(name) + [0x22]) else { return }
                members[text] = try JSON(parsing: Array(value))
            }
        }
        return members
    }

    /// The line with each of the words in quotes; `nil` if it has none outside of strings.
    private static func quotingNonNumbers(in line: ArraySlice<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        var (at, isInString, hasFound) = (line.startIndex, false, false)
        while at < line.endIndex {
            let byte = line[at]
            if !isInString, let word = nonNumbers.first(where: { line[at...].starts(with: $0) }) {
                result += [0x22] + word + [0x22]
                at += word.count
                hasFound = true
                continue
            }
            result.append(byte)
            at += 1
            if byte == 0x22 { isInString.toggle() }
            if isInString, byte == 0x5C, at < line.endIndex {
                result.append(line[at])
                at += 1
            }
        }
        return hasFound ? result : nil
    }

    private static let nonNumbers = ["NaN", "-Infinity", "Infinity"].map { Array($0.utf8) }

    private static func hint(_ line: ArraySlice<UInt8>) -> String? {
        nonNumbers.first { word in line.indices.contains { line[$0...].starts(with: word) } }
            .map { "; JSON has no \(String(decoding: $0, as: UTF8.self))" }
    }
}
