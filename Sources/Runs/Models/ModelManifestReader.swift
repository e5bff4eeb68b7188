internal import Digests
internal import Durable
internal import Fault
internal import JSON
internal import TOMLText

extension ModelManifest {
    /// The supported format number.
    static let format = 1

    /// Reads `model.toml` in a package's folder, and the labels file if it names one.
    ///
    /// - Throws: `.configuration` naming line and key, also for unknown keys.
    init(inFolder folder: String) throws(Fault) {
        let path = "\(folder)/model.toml"
        let text = try String(decoding: AtomicFile.read(path, atMost: 1 << 24), as: UTF8.self)
        let document: TOMLDocument
        do {
            document = try TOMLDocument(parsing: text)
        } catch {
            throw Fault(.configuration, "\(path):\(error.line):\(error.column): \(error.reason)")
        }
        var top = TOMLSection(document.root, of: document, in: path)
        let format = try top.integer("format")
        guard format == Self.format else {
            throw top.fault("format", "is \(format); this version reads model packages of format \(Self.format)")
        }
        name = try top.string("name")
        version = try top.string("version")
        file = try top.fileName("file")
        guard file.hasSuffix(".pt") || file.hasSuffix(".pt2") else {
            throw top.fault("file", "must be a TorchScript file (.pt) or an AOTInductor package (.pt2)")
        }
        let digest = try top.string("sha256")
        guard let sha256 = Digest(hex: digest) else {
            throw top.fault("sha256", "must be 64 lower-case hex digits")
        }
        self.sha256 = sha256
        input = try ModelInput(try top.section("input"))
        outputs = try ModelOutput.all(try top.section("output"), folder: folder)
        try top.refuseOthers()
    }
}

extension ModelInput {
    fileprivate init(_ input: TOMLSection) throws(Fault) {
        var input = input
        kind = try input.choice("kind", among: Kind.allCases)
        lengths = try input.boolean("lengths", default: false)
        // Without lengths a model cannot distinguish padding from sound, so exact is the only safe default.
        padding = try input.choice("padding", among: Padding.allCases, default: lengths ? .masked : .exact)
        features = try input.plainValues("features")
        try input.refuseOthers()
    }
}
