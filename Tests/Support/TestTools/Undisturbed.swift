internal import TestKit

/// The state before a stage, and the result of an undisturbed run of it.
public struct Undisturbed: Sendable {
    /// The earlier stages have run, this one has not; to be copied.
    public let before: Workplace
    /// The contents of the stage's folder after the run.
    public let after: Tree
    /// How long the run took.
    public let seconds: Double
    private let tool: String
    private let database: [[String]]

    private static let stages = Dictionary(
        uniqueKeysWithValues: Binaries.chain.map { tool in (tool, Result { try Undisturbed(running: tool) }) })

    /// A stage of the standard night; it ran once for all tests.
    public init(_ tool: String) throws {
        guard let stage = Self.stages[tool] else { throw HarnessError("\(tool) is not a stage of the standard night") }
        self = try stage.get()
    }

    private init(running tool: String) throws {
        let place = try Workplace.finished()
        try place.remove(place.stage(tool))
        if tool == "store" { try place.remove("data/nocturne.db") }
        before = try Workplace(copying: place)
        let done = try place.run(tool)
        guard done.code == 0 else { throw HarnessError("\(done)") }
        self.tool = tool
        seconds = done.seconds
        after = try Self.tree(place, tool)
        database = try Self.content(place, tool)
    }

    /// Runs the stage to its end in a place where it was disturbed, and compares the results.
    ///
    /// - Returns: the differences, in words; empty if the disturbance left no trace.
    public func differences(afterRerunIn place: Workplace) throws -> [String] {
        let done = try place.run(tool)
        guard done.code == 0 else { return ["\(done)"] }
        var found = try Self.tree(place, tool).differences(from: after)
        if try Self.content(place, tool) != database { found.append("the database holds something else") }
        return found
    }

    /// What is sealed and current in a place where the stage was disturbed must equal the result of an undisturbed run,
    /// rerun or not.
    ///
    /// - Returns: what is wrong, in words.
    public func wrongSeals(in place: Workplace) throws -> [String] {
        guard place.exists("\(place.stage(tool))/v1/batch.json") else {
            return place.current(tool).map { ["current is \($0), which is not sealed"] } ?? []
        }
        let done = try place.program("batches", ["verify", "small", Workplace.batch, tool]).run()
        return done.code == 0 ? [] : ["\(done)"]
    }

    private static func tree(_ place: Workplace, _ tool: String) throws -> Tree {
        try Tree(place[place.stage(tool)], skipping: [".locks"])
    }

    private static func content(_ place: Workplace, _ tool: String) throws -> [[String]] {
        guard tool == "store" else { return [] }
        // Times and sizes of runs and loads differ from run to run; nothing else may.
        return try [
            "SELECT * FROM predictions ORDER BY pipeline, batch, stage, item_id",
            "SELECT * FROM rejections ORDER BY pipeline, batch, stage, item_id",
            "SELECT pipeline, batch, stage, version, fingerprint, items, rejected, status, bytes_out FROM runs "
                + "ORDER BY pipeline, batch, stage",
            "SELECT pipeline, batch, stage, version, digest, predictions, rejections FROM receipts "
                + "ORDER BY pipeline, batch, stage",
        ].flatMap { try Rows.read(place["data/nocturne.db"], $0) }
    }
}
