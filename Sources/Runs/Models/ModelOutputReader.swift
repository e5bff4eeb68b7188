internal import Durable
internal import Fault

extension ModelOutput {
    /// Reads `[output]`: one output, or a table of its own for each.
    static func all(_ output: TOMLSection, folder: String) throws(Fault) -> [ModelOutput] {
        var output = output
        guard output.holdsOnlyTables else { return [try ModelOutput(output, name: nil, folder: folder)] }
        var outputs: [ModelOutput] = []
        for (name, section) in try output.tablesInOrder() {
            guard isName(name) else {
                throw output.fault(
                    name, "is not the name of an output: use letters, digits and _, and none of \(taken)")
            }
            outputs.append(try ModelOutput(section, name: name, folder: folder))
        }
        try check(outputs, of: output)
        return outputs
    }

    private static func check(_ outputs: [ModelOutput], of section: TOMLSection) throws(Fault) {
        func others(_ kind: Kind) -> [ModelOutput] { Array(outputs.filter { $0.kind == kind }.dropFirst()) }
        guard outputs.contains(where: \.isResult) else {
            throw Fault(.configuration, "\(section.place): no output has a result: all are lengths or ignored")
        }
        // An item has one tensor in outputs.safetensors, and one length.
        if let second = others(.embedding).first {
            throw section.fault(second.name ?? "", "is a second embedding; only one output can be kept as a tensor")
        }
        if let second = others(.lengths).first {
            throw section.fault(second.name ?? "", "gives lengths again; one output can give them")
        }
    }

    /// Names that have a meaning of their own in an item's result.
    private static let taken = "model, label, score, top, tags, text, values, shape"

    private static func isName(_ name: String) -> Bool {
        let isWord = name.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        return isWord && !name.isEmpty && !taken.split(separator: ", ").contains(Substring(name))
    }

    private init(_ output: TOMLSection, name: String?, folder: String) throws(Fault) {
        var output = output
        self.name = name
        kind = try output.choice("kind", among: Kind.allCases)
        if name == nil, kind == .lengths || kind == .ignored {
            throw output.fault("kind", "is \"\(kind.rawValue)\", so the model has no result")
        }
        (activation, statesActivation) = try Self.activation(&output, of: kind)
        axis = try Self.axis(&output, of: kind)
        (labels, labelsFile) = try Self.labels(&output, of: kind, folder: folder)
        blank = try output.integer("blank", default: 0)
        if kind != .tokens, output.has("blank") {
            throw output.fault("blank", "does not apply to kind = \"\(kind.rawValue)\"")
        }
        if kind == .tokens, !labels.indices.contains(blank) {
            throw output.fault("blank", "is \(blank), but the labels are 0 to \(labels.count - 1)")
        }
        try output.refuseOthers()
    }

    private static func activation(
        _ output: inout TOMLSection, of kind: Kind
    ) throws(Fault) -> (Activation, isStated: Bool) {
        let usual: Activation =
            switch kind {
            case .labels, .tokens: .softmax
            case .tags: .sigmoid
            case .values, .embedding, .lengths, .ignored: .none
            }
        let isStated = output.has("activation")
        let activation = try output.choice("activation", among: Activation.allCases, default: usual)
        let isFixed = [.embedding, .lengths, .ignored].contains(kind)
        if isFixed, isStated {
            throw output.fault("activation", "does not apply to kind = \"\(kind.rawValue)\"")
        }
        return (activation, isStated)
    }

    private static func axis(_ output: inout TOMLSection, of kind: Kind) throws(Fault) -> TimeAxis {
        guard output.has("axis") else { return kind == .tokens ? .dimension(0) : .usual }
        guard kind == .values || kind == .embedding else {
            throw output.fault("axis", "does not apply to kind = \"\(kind.rawValue)\"")
        }
        if output.isString("axis") {
            guard try output.string("axis") == "none" else {
                throw output.fault(
                    "axis", "must be \"none\" or the number of a dimension, the first after the batch being 0")
            }
            return .none
        }
        let number = try output.integer("axis")
        guard (0..<8).contains(number) else {
            throw output.fault("axis", "must be from 0 to 7: dimensions are counted from the first after the batch")
        }
        return .dimension(number)
    }

    private static func labels(
        _ output: inout TOMLSection, of kind: Kind, folder: String
    ) throws(Fault) -> (labels: [String], file: String?) {
        let file = try output.optionalFileName("labels_file")
        let listed = try output.optionalStrings("labels")
        let isNamed = kind == .labels || kind == .tags || kind == .tokens
        let labels: [String]
        switch (listed, file) {
        case (_?, _?): throw output.fault("labels_file", "and labels are both given; use only one")
        case (let listed?, nil): labels = listed
        case (nil, let file?):
            guard Folders.exists("\(folder)/\(file)") else {
                throw output.fault("labels_file", "names '\(file)', which is not beside model.toml")
            }
            labels = try lines(of: "\(folder)/\(file)")
        case (nil, nil): labels = []
        }
        if isNamed, labels.isEmpty {
            throw output.fault(
                "labels", "is missing: \(kind.rawValue) need labels or labels_file\(output.misspelling(of: "labels"))")
        }
        if !isNamed, !labels.isEmpty {
            let key = listed == nil ? "labels_file" : "labels"
            throw output.fault(key, "does not apply to kind = \"\(kind.rawValue)\"")
        }
        return (labels, file)
    }

    /// One label per line. Lines may be empty (CTC's blank often is), so only the text after the last newline is not a
    /// label.
    private static func lines(of path: String) throws(Fault) -> [String] {
        var lines = try String(decoding: AtomicFile.read(path, atMost: 1 << 26), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}
