internal import BatchFormat
internal import Fault
internal import JSON
internal import ObjectSources
internal import PipelineConfig
internal import SoundFile
internal import TOMLText

/// Our parsers of external data, each as a function that accepts any bytes.
///
/// A parser may accept bytes or refuse them as damaged. Anything else is a finding: a crash by itself, a broken promise
/// as the error thrown by ``take(_:)``.
public enum ParserTarget: String, CaseIterable, Sendable {
    /// JSON: whatever parses is written and read back the same.
    case json
    /// S3's XML listings.
    case listing
    /// Headers of safetensors files; every tensor's bytes are touched.
    case tensors
    /// `part.json`, `batch.json` and `run.json`, with checksums made to match, so that the code behind them is reached.
    case seals
    /// TOML and the line of every key, then `pipeline.toml`'s schema.
    case toml
    /// The checks of an audio file's headers, before any decoder sees it.
    case audio

    /// Why a parser broke its promise.
    public struct Finding: Error, CustomStringConvertible {
        /// What it did wrong.
        public let description: String
    }

    /// Passes bytes to the parser.
    ///
    /// - Returns: whether it accepted them.
    public func take(_ bytes: [UInt8]) throws(Finding) -> Bool {
        switch self {
        case .json: try Self.takeJSON(bytes)
        case .listing: (try? S3Listing(parsing: bytes)) != nil
        case .tensors: try Self.refused(for: bytes, Self.takeTensors)
        case .seals: try Self.takeSeal(bytes)
        case .toml: try Self.takeTOML(bytes)
        case .audio: try Self.takeAudio(bytes)
        }
    }

    private static func takeJSON(_ bytes: [UInt8]) throws(Finding) -> Bool {
        guard let value = try? JSON(parsing: bytes) else { return false }
        // Each layout as it was written; the canonical one has an order of its own.
        for layout in [JSONLayout.canonical, .line, .pretty] {
            let written = value.bytes(layout)
            guard let again = try? JSON(parsing: written), again.bytes(layout) == written,
                layout == .canonical || again == value
            else { throw Finding(description: "what was written in the layout \(layout) is not read back the same") }
        }
        return true
    }

    private static func takeTensors(_ path: String) throws(Fault) {
        let file = try TensorFile(path)
        for name in file.names {
            guard let tensor = file.tensor(name) else { throw Fault(.defect, "a name without a tensor") }
            guard tensor.bytes.count == tensor.shape.reduce(tensor.type.size, *) else {
                throw Fault(.defect, "a tensor that does not have the size of its shape")
            }
            _ = tensor.bytes.reduce(UInt8(0), ^)
        }
    }

    private static func takeSeal(_ bytes: [UInt8]) throws(Finding) -> Bool {
        guard case .object(var body)? = try? JSON(parsing: bytes) else { return false }
        let run = body["run"]?.object ?? [:]
        body["run"] = nil
        let sealed = SealedJSON(body, run: run).bytes()
        let part = try refused(for: sealed) { (path) throws(Fault) in _ = try PartSeal(reading: path) }
        let version = try refused(for: sealed) { (path) throws(Fault) in _ = try VersionSeal(reading: path) }
        let manifest = try refused(for: sealed) { (path) throws(Fault) in _ = try RunManifest(reading: path) }
        return part || version || manifest
    }

    private static func takeTOML(_ bytes: [UInt8]) throws(Finding) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let document = try? TOMLDocument(parsing: text) else { return false }
        try checkLines(of: document.root, at: [], in: document)
        do throws(Fault) {
            _ = try PipelineConfig.parse(text: text, fileName: "pipeline.toml")
        } catch {
            guard error.kind == .configuration else {
                throw Finding(description: "not a configuration fault: \(error)")
            }
        }
        return true
    }

    /// Every key of an accepted text has a line.
    private static func checkLines(
        of table: TOMLMembers, at path: [String], in document: TOMLDocument
    ) throws(Finding) {
        for (name, node) in table.members {
            let key = path + [name]
            guard document.lines.line(of: key) != nil else {
                throw Finding(description: "no line is known of the key \(key)")
            }
            if case .table(let inner) = node { try checkLines(of: inner, at: key, in: document) }
        }
    }

    private static func takeAudio(_ bytes: [UInt8]) throws(Finding) -> Bool {
        let file = MemoryFile(bytes)
        do {
            let header = try AudioHeader(ofFile: file.path)
            guard header.channels > 0, header.sampleRate > 0, header.heldFrames.map({ $0 >= 0 }) ?? true else {
                throw Finding(description: "a header that cannot be: \(header)")
            }
            return true
        } catch let finding as Finding {
            throw finding
        } catch {
            return false
        }
    }

    /// Whether a file reader refuses bytes; it may only refuse them as damaged.
    private static func refused(
        for bytes: [UInt8], _ read: (String) throws(Fault) -> Void
    ) throws(Finding) -> Bool {
        let file = MemoryFile(bytes)
        do throws(Fault) {
            try read(file.path)
            return true
        } catch {
            guard error.kind == .damaged else { throw Finding(description: "refused as \(error.kind): \(error)") }
            return false
        }
    }
}
