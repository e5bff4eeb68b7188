internal import Fault
internal import JSON

/// What the tool tells a decoder process first, once.
struct DecodeSetup {
    let options: DecodeOptions
    /// Bytes of address space that the decoder may use.
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
struct DecodeRequest {
    let path: String
    /// Seconds after which the answer is of no use.
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

/// A decoder's answer: a verdict, or the machine's failure.
enum DecodeAnswer {
    case verdict(DecodeVerdict)
    case failed(Fault)

    /// The kinds of fault that decoding gives; any other is a defect.
    private static let kinds: [Fault.Kind] = [.missing, .damaged, .denied, .disk, .configuration]

    var message: (text: [UInt8], samples: [Float]) {
        let (object, samples): (JSONObject, [Float]) =
            switch self {
            case .verdict(.passed(let figures, let samples)): (["figures": .object(figures)], samples)
            case .verdict(.rejected(let reason, let message)):
                (["reason": .string(reason), "message": .string(message)], [])
            case .failed(let fault): (["kind": .string(fault.kind.description), "message": .string("\(fault)")], [])
            }
        return (JSON.object(object).bytes(.line), samples)
    }

    init?(_ text: [UInt8], _ samples: [Float]) {
        guard let json = try? JSON(parsing: text) else { return nil }
        if let figures = json["figures"]?.object {
            self = .verdict(.passed(figures: figures, samples: samples))
        } else if let reason = json["reason"]?.string, let message = json["message"]?.string {
            self = .verdict(.rejected(reason: reason, message: message))
        } else if let kind = json["kind"]?.string, let message = json["message"]?.string {
            self = .failed(Fault(Self.kinds.first { $0.description == kind } ?? .defect, message))
        } else {
            return nil
        }
    }

    init(_ result: Result<DecodeVerdict, Fault>) {
        switch result {
        case .success(let verdict): self = .verdict(verdict)
        case .failure(let fault): self = .failed(fault)
        }
    }
}
