internal import Fault
internal import JSON

/// The first message to a decoder process, sent once.
struct DecodeSetup {
    let options: DecodeOptions
    /// The limit of the decoder's address space, in bytes.
    let memoryLimit: Int

    var bytes: [UInt8] {
        JSON.object(["options": options.json, "memory_limit": .int(Int64(memoryLimit))]).bytes(.canonical)
    }

    init(options: DecodeOptions, memoryLimit: Int) {
        self.options = options
        self.memoryLimit = memoryLimit
    }

    init?(_ bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes), let limit = json["memory_limit"]?.int,
            let options = json["options"].flatMap({ DecodeOptions($0) })
        else { return nil }
        self.options = options
        memoryLimit = limit
    }
}

/// One recording to decode.
struct DecodeRequest: Sendable {
    let path: String
    /// The time limit in seconds for the recording, or each of its pieces.
    let limit: Double

    var bytes: [UInt8] { JSON.object(["path": .string(path), "limit": .double(limit)]).bytes(.canonical) }

    init(path: String, limit: Double) {
        self.path = path
        self.limit = limit
    }

    init?(_ bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes), let path = json["path"]?.string, let limit = json["limit"]?.double
        else { return nil }
        self.path = path
        self.limit = limit
    }
}

extension DecodeMessage {
    /// The kinds of fault that decoding reports; any other is a defect.
    private static let kinds: [Fault.Kind] = [.missing, .damaged, .denied, .disk, .configuration]

    /// The message as text, without samples.
    var text: [UInt8] {
        switch self {
        case .samples: []
        case .piece(let piece): JSON.object(piece.object).bytes(.line)
        case .end(let result): JSON.object(result.object).bytes(.line)
        case .failed(let fault):
            JSON.object(["kind": .string(fault.kind.description), "message": .string("\(fault)")]).bytes(.line)
        }
    }

    init?(_ text: [UInt8]) {
        guard let json = try? JSON(parsing: text) else { return nil }
        if let kind = json["kind"]?.string, let message = json["message"]?.string {
            self = .failed(Fault(Self.kinds.first { $0.description == kind } ?? .defect, message))
        } else if let piece = DecodedPiece(json) {
            self = .piece(piece)
        } else if let result = DecodeResult(json) {
            self = .end(result)
        } else {
            return nil
        }
    }
}

extension DecodedPiece {
    fileprivate var object: JSONObject {
        var object: JSONObject =
            switch verdict {
            case .passed(let figures): ["figures": .object(figures)]
            case .rejected(let reason, let message): ["reason": .string(reason), "message": .string(message)]
            }
        object["span"] = [.int(Int64(span.start)), .int(Int64(span.end))]
        return object
    }

    fileprivate init?(_ json: JSON) {
        guard let ends = json["span"]?.array, ends.count == 2, let start = ends[0].int, let end = ends[1].int else {
            return nil
        }
        span = PieceSpan(start: start, end: end)
        if let figures = json["figures"]?.object {
            verdict = .passed(figures)
        } else if let reason = json["reason"]?.string, let message = json["message"]?.string {
            verdict = .rejected(reason: reason, message: message)
        } else {
            return nil
        }
    }
}

extension DecodeResult {
    fileprivate var object: JSONObject {
        switch self {
        case .passed(let figures): ["figures": .object(figures)]
        case .cut: ["cut": true]
        case .rejected(let reason, let message): ["reason": .string(reason), "message": .string(message)]
        }
    }

    fileprivate init?(_ json: JSON) {
        if let figures = json["figures"]?.object {
            self = .passed(figures)
        } else if json["cut"]?.bool == true {
            self = .cut
        } else if let reason = json["reason"]?.string, let message = json["message"]?.string {
            self = .rejected(reason: reason, message: message)
        } else {
            return nil
        }
    }
}
