import Fault
import TOMLText

/// One `--set KEY=VALUE`.
struct Override: Sendable {
    let path: [String]
    /// The text after the equals sign.
    let raw: String

    /// Parses an argument.
    init(parsing argument: String) throws(Fault) {
        guard let equals = argument.firstIndex(of: "=") else {
            throw Fault(.configuration, "--set \(argument): there is no value; write --set KEY=VALUE")
        }
        let key = argument[..<equals]
        var scanner = TOMLScanner(String(key))
        guard let path = scanner.readKeyPath(), scanner.isAtEnd else {
            throw Fault(.configuration, "--set \(key): this is not a key; write it as infer.max_batch_items")
        }
        self.path = path
        raw = String(argument[argument.index(after: equals)...])
    }

    /// The value: read as in the file (`8`, `true`, `["a", "b"]`), otherwise the text itself, so that users need not
    /// quote for both the shell and TOML.
    var node: TOMLNode { TOMLDocument.value(parsing: raw) ?? .string(raw) }
}
