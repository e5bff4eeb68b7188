package import Fault
package import JSON
import TOMLText

/// A TOML configuration text with the overrides of `--set`.
struct ConfigText {
    let fileName: String
    let root: TOMLMembers
    let places: Places

    init(_ text: String, fileName: String, overrides: [String]) throws(Fault) {
        let document: TOMLDocument
        do {
            document = try TOMLDocument(parsing: text)
        } catch {
            throw Fault(.configuration, "\(fileName):\(error.line):\(error.column): not TOML: \(error.reason)")
        }
        var root = document.root
        var places = Places(document.lines)
        for argument in overrides {
            let override = try Override(parsing: argument)
            if let blocked = root.put(override.node, at: override.path[...]) {
                throw Fault(
                    .configuration,
                    "--set \(dotted(override.path)): \(dotted(Array(blocked))) is not a table, so it has no keys")
            }
            places.set(override.path, byText: override.raw)
        }
        self.fileName = fileName
        self.root = root
        self.places = places
    }
}

extension ConfigSection {
    /// Reads a text with the keys of a section; returns the values to record.
    package static func read(
        text: String, fileName: String, overrides: [String] = []
    ) throws(Fault) -> (section: Self, record: JSONObject) {
        let text = try ConfigText(text, fileName: fileName, overrides: overrides)
        var validator = Validator(text.places)
        let values = validator.section(text.root, at: [], schema)
        if !validator.problems.isEmpty { throw Fault.configuration(validator.inFileOrder, of: fileName) }
        return (Self(accepted: values), schema.recorded(values))
    }
}
