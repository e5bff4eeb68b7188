import Fault
import JSON
import Results
import StoreStage
import TestDatabases
import TestServers
import Testing

/// Predictions, compared with a search over every row.
@Suite struct PredictionTests {
    /// A row with its place.
    struct Placed: Sendable {
        let pipeline: String
        let batch: String
        let stage: String
        let row: PredictionRow

        var id: String { "\(pipeline) \(batch) \(stage) \(row.itemID)" }
        var fields: JSON { (try? JSON(parsing: row.fields.text)) ?? .null }
        var output: JSON { (try? JSON(parsing: row.output.text)) ?? .null }
    }

    /// Rows with ties, gaps, and ids that repeat every night.
    static let rows: [Placed] = {
        let scores: [Double?] = [0.5, 0.97, nil, 0.5, 0, 1, 0.049]
        let labels: [String?] = ["three", "four", nil, "three", "rare"]
        let moments: [String?] = ["2026-11-19T22:04:11Z", nil, "2026-11-19T22:04:11.5Z", "2026-11-18T01:00:00+01:00"]
        var rows: [Placed] = []
        for (pipeline, stages) in [("birds", ["infer"]), ("digits", ["transcribe", "translate"])] {
            for batch in ["2026-11-18", "2026-11-19", "2026-11-20"] {
                for stage in stages {
                    for number in 0..<9 {
                        let seed = rows.count
                        let id = ["a/e\u{301}.wav", "a/\u{e9}.wav", "Z.wav", "b.wav"][number % 4] + "\(number)"
                        let label = batch == "2026-11-19" && number % 5 == 4 ? "three" : labels[number % 5]
                        var output: JSONObject = ["label": label.map { .string($0) } ?? .null]
                        if number % 3 == 0 { output["text"] = .string("It said 100% \(label ?? "nothing")_") }
                        var fields: JSONObject = [
                            "gain": 1.5, "is_loud": .bool(number % 2 == 0), "n": .int(Int64(number)),
                        ]
                        if number != 8 { fields["device"] = .string("d\(number % 3)") }
                        rows.append(
                            Placed(
                                pipeline: pipeline, batch: batch, stage: stage,
                                row: PredictionRow(
                                    stage: stage, version: "v1", itemID: id, model: "digits",
                                    modelVersion: number % 2 == 0 ? "3" : "4", label: label,
                                    score: scores[seed % scores.count], output: JSONText(output),
                                    fields: JSONText(fields),
                                    recordedAt: moments[seed % moments.count].flatMap { Timestamp($0) })))
                    }
                }
            }
        }
        return rows
    }()

    /// The rows in a database; the batch of the 18th as loaded by an older release, without counts.
    private static func filled(_ backend: Backend) throws -> Filled {
        let filled = try Filled(backend)
        for place in Set(rows.map { [$0.pipeline, $0.batch, $0.stage] }) {
            try filled.load(
                place[0], place[1], stage: place[2],
                rows.filter { [$0.pipeline, $0.batch, $0.stage] == place }.map(\.row),
                counted: place[1] != "2026-11-18")
        }
        return filled
    }

    private static let sqlite = Result { try filled(.sqlite) }
    private static let postgres = Result { try filled(.postgres) }
    private static func database(_ backend: Backend) throws -> Filled {
        try (backend == .sqlite ? sqlite : postgres).get()
    }

    /// A filter, and the rows that match.
    struct Filter: Sendable, CustomStringConvertible {
        let description: String
        let change: @Sendable (inout PredictionsQuery) -> Void
        let passes: @Sendable (Placed) -> Bool
    }

    static let filters: [Filter] = [
        Filter(description: "none", change: { _ in }, passes: { _ in true }),
        Filter(
            description: "pipeline and batches",
            change: {
                $0.range = BatchRange(pipeline: "digits", from: "2026-11-19", to: "2026-11-19")
            }, passes: { $0.pipeline == "digits" && $0.batch == "2026-11-19" }),
        Filter(description: "stage", change: { $0.range.stage = "translate" }, passes: { $0.stage == "translate" }),
        Filter(description: "label", change: { $0.label = "rare" }, passes: { $0.row.label == "rare" }),
        Filter(description: "no label", change: { $0.label = "" }, passes: { $0.row.label == nil }),
        Filter(description: "no such label", change: { $0.label = "never said" }, passes: { _ in false }),
        Filter(description: "model", change: { $0.model = "digits" }, passes: { $0.row.model == "digits" }),
        Filter(description: "model version", change: { $0.model = "digits@4" }, passes: { $0.row.modelVersion == "4" }),
        Filter(
            description: "scores", change: { ($0.minScore, $0.maxScore) = (0.049, 0.5) },
            passes: { $0.row.score.map { (0.049...0.5).contains($0) } ?? false }),
        Filter(
            description: "high scores", change: { $0.minScore = 0.98 },
            passes: { ($0.row.score ?? 0) >= 0.98 }),
        Filter(
            description: "device and label",
            change: {
                $0.fields = [("device", "d1")]
                $0.label = "rare"
            }, passes: { $0.fields["device"] == "d1" && $0.row.label == "rare" }),
        Filter(description: "no such device", change: { $0.fields = [("device", "d9")] }, passes: { _ in false }),
        Filter(
            description: "a number, a truth value",
            change: { $0.fields = [("n", "4"), ("is_loud", "true"), ("gain", "1.5")] },
            passes: { $0.fields["n"] == 4 }),
        Filter(description: "a field that no item has", change: { $0.fields = [("x", "")] }, passes: { _ in false }),
        Filter(
            description: "text in the id", change: { $0.text = "z.WAV" }, passes: { $0.row.itemID.hasPrefix("Z.wav") }),
        Filter(
            description: "text in the output", change: { $0.text = "100% three_" },
            passes: { $0.output["text"]?.string?.contains("100% three_") == true }),
        Filter(
            description: "everything at once",
            change: {
                $0.range.pipeline = "digits"
                $0.label = "three"
                $0.minScore = 0.1
                $0.fields = [("is_loud", "true")]
                $0.text = "wav"
            },
            passes: {
                $0.pipeline == "digits" && $0.row.label == "three" && ($0.row.score ?? 0) >= 0.1
                    && $0.fields["is_loud"] == true
            }),
    ]

    /// Whether a row comes before another, as described in the API's page.
    private static func precedes(
        _ a: Placed, _ b: Placed, _ sort: PredictionsQuery.Sort, _ isDescending: Bool
    ) -> Bool {
        func bytes(_ a: String, _ b: String) -> Int { a.precedesByBytes(b) ? -1 : b.precedesByBytes(a) ? 1 : 0 }
        func nullsLast<Value: Comparable>(_ a: Value?, _ b: Value?) -> Int {
            switch (a, b) {
            case (nil, nil): 0
            case (nil, _): 1
            case (_, nil): -1
            case (let a?, let b?): (a < b ? -1 : a > b ? 1 : 0) * (isDescending ? -1 : 1)
            }
        }
        let newestFirst = sort == .batch ? isDescending : true
        let keys: [Int] =
            switch sort {
            case .batch: []
            case .item: [bytes(a.row.itemID, b.row.itemID) * (isDescending ? -1 : 1)]
            case .score: [nullsLast(a.row.score, b.row.score)]
            case .recordedAt: [nullsLast(a.row.recordedAt?.microseconds, b.row.recordedAt?.microseconds)]
            }
        let rest = [
            bytes(a.batch, b.batch) * (newestFirst ? -1 : 1), bytes(a.pipeline, b.pipeline), bytes(a.stage, b.stage),
            bytes(a.row.itemID, b.row.itemID),
        ]
        return ((keys + rest).first { $0 != 0 } ?? 0) < 0
    }

    /// All pages of a query, and how long each was.
    private static func pages(_ database: Filled, _ query: PredictionsQuery) async throws -> [[JSON]] {
        var (pages, query): ([[JSON]], PredictionsQuery) = ([], query)
        repeat {
            let answer = try await database.ask(query)
            pages.append(try #require(answer["predictions"]?.array))
            query.page.cursor = answer["next"]?.string
        } while query.page.cursor != nil && pages.count < 200
        return pages
    }

    private static func id(_ row: JSON) -> String {
        ["pipeline", "batch", "stage", "item"].compactMap { row[$0]?.string }.joined(separator: " ")
    }

    @Test(arguments: Backend.allCases, PredictionsQuery.Sort.allCases)
    func `every page of every filter equals a full search`(_ backend: Backend, sort: PredictionsQuery.Sort) async throws
    {
        let database = try Self.database(backend)
        for filter in Self.filters {
            for isDescending in [true, false] {
                let expected = Self.rows.filter(filter.passes)
                    .sorted { Self.precedes($0, $1, sort, isDescending) }.map(\.id)
                for limit in [1, 4, 1000] where limit > 1 || expected.count < 10 {
                    var query = PredictionsQuery.patient(page: Page(limit: limit))
                    filter.change(&query)
                    (query.sort, query.isDescending) = (sort, isDescending)
                    let pages = try await Self.pages(database, query)
                    let found = pages.flatMap { $0 }.map(Self.id)
                    #expect(found.count == expected.count, "\(filter) \(sort) \(isDescending) \(limit)")
                    #expect(
                        zip(found, expected).allSatisfy { $0.hasSameBytes(as: $1) },
                        "\(filter) \(sort) \(isDescending) \(limit)")
                    #expect(pages.allSatisfy { $0.count <= limit })
                }
            }
        }
    }

    @Test(arguments: Backend.allCases) func `a row has everything that the table has`(_ backend: Backend) async throws {
        let filled = try Filled(backend)
        var row = prediction("it's \"a\"\n.wav")
        row.output = ["text": "\u{1F399} \"x\"", "top": [["three", 0.5]]]
        try filled.load("digits", "2026-11-20", [row, PredictionRow(stage: "infer", version: "v1", itemID: "z")])
        let rows = try #require(try await filled.ask(PredictionsQuery.patient())["predictions"]?.array)
        let expected: JSON = [
            "pipeline": "digits", "batch": "2026-11-20", "stage": "infer", "version": "v1",
            "item": "it's \"a\"\n.wav", "model": "digits", "model_version": "3", "label": "three", "score": 0.97,
            "output": ["text": "\u{1F399} \"x\"", "top": [["three", 0.5]]], "fields": ["device": "d7"],
            "recorded_at": "2026-11-19T22:04:11.000000Z",
        ]
        // PostgreSQL orders the members of an object in its own way.
        #expect(rows[0].text(.canonical) == expected.text(.canonical))
        for name in ["model", "model_version", "label", "score", "recorded_at"] { #expect(rows[1][name] == JSON.null) }
        #expect(rows[1]["output"] == [:])
    }

    @Test(arguments: Backend.allCases) func `a page that ended early is not to be kept`(_ backend: Backend) async throws
    {
        let filled = try Filled(backend)
        for batch in ["2026-11-18", "2026-11-19", "2026-11-20"] {
            try filled.load("digits", batch, [prediction("a"), prediction("b")])
        }
        var query = PredictionsQuery(page: Page(limit: 5))
        let whole = try await filled.results.answer(to: query)
        #expect(whole.isRepeatable, "it is full")
        // No time at all: it ends after each batch except the last.
        query.patience = .seconds(-1)
        var (repeatable, items): ([Bool], Int) = ([], 0)
        repeat {
            let answer = try await filled.results.answer(to: query)
            let page = try JSON(parsing: answer.body)
            repeatable.append(answer.isRepeatable)
            items += page["predictions"]?.array?.count ?? 0
            query.page.cursor = page["next"]?.string
        } while query.page.cursor != nil && repeatable.count < 9
        #expect(repeatable == [false, false, true] && items == 6)
    }

    @Test(arguments: Backend.allCases) func `a search that finds nothing comes to its end`(_ backend: Backend)
        async throws
    {
        let filled = try Filled(backend)
        let batches = ["2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"]
        for batch in batches { try filled.load("digits", batch, [prediction("a")]) }
        for isDescending in [true, false] {
            var query = PredictionsQuery.patient()
            (query.text, query.patience, query.isDescending) = ("never said this", .seconds(-1), isDescending)
            var cursors: [String?] = []
            repeat {
                let page = try await filled.ask(query)
                #expect(page["predictions"] == [])
                query.page.cursor = page["next"]?.string
                #expect(!cursors.contains(query.page.cursor), "each page gets on")
                cursors.append(query.page.cursor)
            } while query.page.cursor != nil && cursors.count < 9
            #expect(cursors.count == batches.count)
        }
    }

    @Test(arguments: Backend.allCases) func `a senseless query is refused`(_ backend: Backend) async throws {
        let database = try Self.database(backend)
        let garbage = ["", "A", "!", "WyJiYXRjaCJd", "WyJiYXRjaCIsMSwyLDMsNF0", "eyJhIjoxfQ", "💥"]
        for sort in PredictionsQuery.Sort.allCases {
            for cursor in garbage {
                var query = PredictionsQuery.patient(page: Page(cursor: cursor))
                query.sort = sort
                #expect(await database.fault(query)?.kind == .usage, "\(sort) '\(cursor)'")
            }
        }
        // A cursor of another order, and one with an invalid moment.
        var query = PredictionsQuery.patient(page: Page(limit: 1))
        query.sort = .recordedAt
        let cursor = try #require(try await database.ask(query)["next"]?.string)
        query.page.cursor = cursor
        query.sort = .score
        #expect(await database.fault(query)?.kind == .usage)
        query.sort = .recordedAt
        // ["recorded_at","x","a","b","c","d"]
        query.page.cursor = "WyJyZWNvcmRlZF9hdCIsIngiLCJhIiwiYiIsImMiLCJkIl0"
        #expect(await database.fault(query)?.kind == .usage)
        for limit in [0, -1, 1001, .max] {
            #expect(await database.fault(PredictionsQuery.patient(page: Page(limit: limit)))?.kind == .usage)
        }
        var scores = PredictionsQuery.patient()
        scores.minScore = .nan
        #expect(await database.fault(scores)?.kind == .usage)
        scores.minScore = nil
        scores.maxScore = .infinity
        #expect(await database.fault(scores)?.kind == .usage)
        for name in ["", "a\"b", "a\\b", "a\0"] {
            var query = PredictionsQuery.patient()
            query.fields = [(name, "x")]
            #expect(await database.fault(query)?.kind == .usage, "'\(name)'")
        }
        #expect(await database.fault(PredictionsQuery.patient(BatchRange(pipeline: "a\0b")))?.kind == .usage)
        // SQL keywords are plain words.
        #expect(
            try await database.ask(PredictionsQuery.patient(BatchRange(pipeline: "x' OR 1 = 1 --")))["predictions"]
                == [])
        var fields = PredictionsQuery.patient()
        fields.fields = [("a') = 'x' OR ('1", "x"), ("$.device", "x"), ("a.b[0]", "x")]
        #expect(try await database.ask(fields)["predictions"] == [])
    }

    @Test(arguments: Backend.allCases, ExportFormat.allCases)
    func `exports hold every row once`(_ backend: Backend, format: ExportFormat) async throws {
        let database = try Self.database(backend)
        var query = PredictionsQuery.patient(BatchRange(pipeline: "digits"))
        query.minScore = 0.1
        var bytes: [UInt8] = []
        for try await piece in database.results.export(query, as: format) { bytes += piece }
        let text = String(decoding: bytes, as: UTF8.self)
        let expected = Self.rows.filter { $0.pipeline == "digits" && ($0.row.score ?? 0) >= 0.1 }
            .sorted { Self.precedes($0, $1, .batch, true) }
        switch format {
        case .jsonLines:
            let lines = text.split(separator: "\n")
            #expect(try lines.map { Self.id(try JSON(parsing: String($0))) } == expected.map(\.id))
        case .csv:
            let lines = text.split(separator: "\r\n")
            #expect(
                lines.first
                    == "pipeline,batch,stage,version,item,model,model_version,label,score,recorded_at,output,fields")
            #expect(lines.count == expected.count + 1)
            for (line, row) in zip(lines.dropFirst(), expected) {
                #expect(line.hasPrefix("digits,\(row.batch),\(row.stage),v1,\(row.row.itemID),digits,"))
            }
        }
    }

    @Test(arguments: Backend.allCases) func `a spreadsheet runs no formula of an export`(_ backend: Backend)
        async throws
    {
        let filled = try Filled(backend)
        let ids = ["=1+1", "+1", "-1", "@x", "\t=1", "a,\"b\"\r\nc"]
        try filled.load(
            "digits", "b",
            ids.map { PredictionRow(stage: "infer", version: "v1", itemID: $0, label: $0, score: -0.5) })
        var bytes: [UInt8] = []
        for try await piece in filled.results.export(PredictionsQuery.patient(), as: .csv) { bytes += piece }
        let text = String(decoding: bytes, as: UTF8.self)
        for cell in [",'=1+1,", ",'+1,", ",'-1,", ",'@x,", ",'\t=1,", ",\"a,\"\"b\"\"\r\nc\","] {
            #expect(text.contains(cell), "\(cell)")
        }
        #expect(text.contains(",-0.5,"), "a number is not a formula")
    }

    @Test(arguments: Backend.allCases) func `an export says that it continues`(_ backend: Backend) async throws {
        let filled = try Filled(backend)
        for batch in ["2026-11-18", "2026-11-19", "2026-11-20"] { try filled.load("digits", batch, [prediction("a")]) }
        var query = PredictionsQuery.patient()
        query.text = "never said this"
        var sizes: [Int] = []
        for try await piece in filled.results.export(query, as: .jsonLines) { sizes.append(piece.count) }
        #expect(sizes == [0, 0, 0], "one for each batch that was gone through in vain")
        query.text = nil
        sizes = []
        for try await piece in filled.results.export(query, as: .jsonLines) { sizes.append(piece.count) }
        #expect(sizes.count == 3 && sizes.allSatisfy { $0 > 0 }, "what was found does not wait for more")
    }

    @Test(arguments: Backend.allCases, ExportFormat.allCases)
    func `an aborted export cannot be taken for a complete one`(_ backend: Backend, format: ExportFormat) async throws {
        let filled = try Filled(backend)
        for number in 0..<20 { try filled.load("digits", "b\(number)", [prediction("a")]) }
        let pieces = filled.results.export(PredictionsQuery.patient(), as: format).makeAsyncIterator()
        _ = try await pieces.next()
        pieces.cancel()
        var ending: Fault?
        do throws(Fault) { while try await pieces.next() != nil {} } catch { ending = error }
        #expect(ending?.kind == .terminated)
    }

    @Test(arguments: Backend.allCases)
    func `more exports than may run are refused`(_ backend: Backend) async throws {
        let filled = try Filled(backend) { $0.exports = 2 }
        for number in 0..<20 { try filled.load("digits", "b\(number)", [prediction("a")]) }
        // Two that take one piece and then no more.
        let (first, second) = (try await Self.begin(filled).export, try await Self.begin(filled).export)
        for _ in 0..<3 {
            do throws(Fault) {
                _ = try await filled.results.export(PredictionsQuery.patient(), as: .csv).makeAsyncIterator().next()
                Issue.record("a third one has no place")
            } catch {
                #expect(error.kind == .retryLater)
            }
        }
        first.cancel()
        let third = try await Self.begin(filled).export
        #expect(try await third.next() != nil)
        #expect(try await second.next() != nil, "it goes on where it was")
    }

    @Test(arguments: Backend.allCases) func `an export that nobody reads ends`(_ backend: Backend) async throws {
        let filled = try Filled(backend) { $0.exports = 1 }
        let filler = JSONText(["filler": .string(String(repeating: "x", count: 4000))])
        try filled.load(
            "digits", "b",
            (0..<400).map { PredictionRow(stage: "infer", version: "v1", itemID: "\($0)", output: filler) })
        for _ in 1...3 {
            // Far more than can wait; there is one place for exports, which must become free again.
            let piece = try await Self.begin(filled).piece
            #expect(piece.count >= 1 << 16)
        }
        let (rest, first) = try await Self.begin(filled)
        var bytes = first.count
        while let piece = try await rest.next() { bytes += piece.count }
        #expect(bytes > 400 * 4000)
    }

    /// An export of everything with its first piece, as soon as there is room for it.
    private static func begin(
        _ filled: Filled
    ) async throws(Fault) -> (export: ExportedBytes.AsyncIterator, piece: [UInt8]) {
        while true {
            let export = filled.results.export(PredictionsQuery.patient(), as: .jsonLines).makeAsyncIterator()
            do throws(Fault) {
                return (export, try await export.next() ?? [])
            } catch {
                guard error.kind == .retryLater else { throw error }
            }
        }
    }
}
