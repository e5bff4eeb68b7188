internal import Fault
internal import HTTPTypes
internal import Hummingbird
internal import Results

/// Endpoints for batches on disk; 404 without `--root`.
struct DiskEndpoints {
    let services: Services

    private typealias Common = CommonParameters
    private static let item = [Common.pipeline.required, Common.batch, Common.item]
    private static let sound =
        item + [
            Common.stage,
            Parameter(
                name: "version", form: .version, help: "The version that made the audio; the accepted one by default."),
        ]

    private static func maker(_ query: Query) -> BatchFolders.Maker {
        BatchFolders.Maker(stage: query.text("stage"), version: query.text("version"))
    }

    var all: [Endpoint] {
        [
            item,
            asked(
                "/item/waveform",
                "The smallest and the largest sample in equal spans of an item's audio, none shorter than 10 ms.",
                Self.sound + [
                    Parameter(
                        name: "points", form: .integer(1...4000, standard: 800), help: "The largest number of spans.")
                ], "Waveform"
            ) { (batches, query) throws(Fault) in
                try await batches.waveform(
                    pipeline: query.required("pipeline"), batch: query.required("batch"), item: query.required("id"),
                    madeBy: Self.maker(query), points: query.integer("points"))
            },
            asked(
                "/item/spectrogram",
                "A coarse log-mel spectrogram of an item's audio, in dB, at least 40 ms per frame.",
                Self.sound, "Spectrogram"
            ) { (batches, query) throws(Fault) in
                try await batches.spectrogram(
                    pipeline: query.required("pipeline"), batch: query.required("batch"), item: query.required("id"),
                    madeBy: Self.maker(query))
            },
            audio,
            asked(
                "/versions", "Every version of a batch's stages, with its configuration.",
                [Common.pipeline.required, Common.batch], "Versions"
            ) { (batches, query) throws(Fault) in
                try await batches.versions(pipeline: query.required("pipeline"), batch: query.required("batch"))
            },
            asked(
                "/diff", "The differences between two versions of a stage.",
                [
                    Common.pipeline.required, Common.batch, Common.stage.required,
                    Parameter(name: "a", form: .version, help: "The first version: v1.").required,
                    Parameter(name: "b", form: .version, help: "The second version: v2.").required,
                ], "Difference"
            ) { (batches, query) throws(Fault) in
                try await batches.difference(
                    pipeline: query.required("pipeline"), batch: query.required("batch"),
                    stage: query.required("stage"),
                    from: query.required("a"), to: query.required("b"))
            },
        ]
    }

    private var item: Endpoint {
        let services = services
        let parameters = Self.item + [Common.stage]
        return Endpoint(
            path: "/api/v1/item", summary: "Everything known about one item, and what it was made from.",
            parameters: parameters, content: .json(schema: "Item")
        ) { visit throws(HTTPProblem) in
            let query = try Query(visit.queryText, allowing: parameters)
            let asked = ItemQuery(
                pipeline: query.required("pipeline"), batch: query.required("batch"), item: query.required("id"),
                stage: query.text("stage"), batches: services.batches)
            let body = try await visit.whileThere { () throws(Fault) in try await services.results.body(of: asked) }
            return .json(body, to: visit.request)
        }
    }

    private func asked(
        _ path: String, _ summary: String, _ parameters: [Parameter], _ schema: String,
        _ question: @escaping @Sendable (BatchFolders, Query) async throws(Fault) -> [UInt8]
    ) -> Endpoint {
        let services = services
        return Endpoint(
            path: "/api/v1" + path, summary: summary, parameters: parameters, content: .json(schema: schema)
        ) { visit throws(HTTPProblem) in
            let query = try Query(visit.queryText, allowing: parameters)
            let batches = try services.batchesOnDisk()
            let body = try await visit.whileThere { () throws(Fault) in try await question(batches, query) }
            return .json(body, to: visit.request)
        }
    }

    private var audio: Endpoint {
        let services = services
        return Endpoint(
            path: "/api/v1/item/audio", summary: "An item's audio as cleaned; recorded in the audit log.",
            parameters: Self.sound, content: .other("audio/wav"), role: .engineer, allowsHead: false
        ) { visit throws(HTTPProblem) in
            let query = try Query(visit.queryText, allowing: Self.sound)
            let batches = try services.batchesOnDisk()
            let sound = try await visit.whileThere { () throws(Fault) in
                try await batches.audio(
                    pipeline: query.required("pipeline"), batch: query.required("batch"), item: query.required("id"),
                    madeBy: Self.maker(query))
            }
            try await services.record("listen", visit)
            return Response(
                status: .ok,
                headers: [.contentType: "audio/wav", .cacheControl: "no-store", .acceptRanges: "none"],
                body: ResponseBody(inPieces: ByteBuffer(bytes: sound)))
        }
    }
}

extension Services {
    /// The batches on disk; 404 without `--root`.
    func batchesOnDisk() throws(HTTPProblem) -> BatchFolders {
        guard let batches else {
            throw HTTPProblem(.notFound, "the server was started without --root, so it sees no batches on disk")
        }
        return batches
    }
}

extension ResponseBody {
    /// Sends bytes in pieces: the time a client may take is limited per piece, not for an hour of audio as a whole.
    init(inPieces bytes: ByteBuffer) {
        self.init(contentLength: bytes.readableBytes) { writer in
            var rest = bytes
            while let piece = rest.readSlice(length: min(rest.readableBytes, 1 << 18)), piece.readableBytes > 0 {
                try await writer.write(piece)
            }
            try await writer.finish(nil)
        }
    }
}

extension Response {
    /// JSON with a tag computed from its bytes.
    static func json(_ bytes: [UInt8], to request: Request) -> Response {
        AnswerCache.Ready(json: bytes).response(to: request)
    }
}
