public import Fault
internal import JSON
internal import TextFormats
internal import Workers

/// The format of exported rows.
public enum ExportFormat: String, Sendable, CaseIterable {
    /// Comma-separated values (RFC 4180), with a header. A cell that a spreadsheet would interpret as a formula starts
    /// with `'`.
    case csv
    /// One JSON object per line.
    case jsonLines = "jsonl"
}

/// An export in progress: pieces of at most about 64 KiB, made no faster than they are taken. Rows come in the order of
/// batches, whatever the query's sort order, and all from one snapshot.
///
/// Results of a search are passed on soon, even if few; an empty piece means that the search continues.
public struct ExportedBytes: AsyncSequence, Sendable {
    private let query: PredictionsQuery
    private let format: ExportFormat
    private let readers: ReaderPool

    init(_ query: PredictionsQuery, _ format: ExportFormat, _ readers: ReaderPool) {
        self.query = query
        self.format = format
        self.readers = readers
    }

    /// Iterates over the pieces. Releasing it ends the export.
    public final class AsyncIterator: AsyncIteratorProtocol, Sendable {
        private let channel = ByteChannel()
        private let work: Task<Void, Never>

        init(_ query: PredictionsQuery, _ format: ExportFormat, _ readers: ReaderPool) {
            work = Task { [channel] in
                do throws(Fault) {
                    try await readers.run { (reader) throws(Fault) in
                        try ExportWriter(format, channel).write(query, reader)
                    }
                    channel.end(nil)
                } catch {
                    channel.end(error)
                }
            }
        }

        deinit { cancel() }

        /// Ends the export; a caller waiting for a piece is notified.
        public func cancel() {
            channel.cancel()
            work.cancel()
        }

        /// The next piece; `nil` at the end. Throws like ``ResultsDatabase/body(of:)``.
        public func next() async throws(Fault) -> [UInt8]? { try await channel.next() }

        /// The next piece.
        public func next(isolation actor: isolated (any Actor)?) async throws(Fault) -> [UInt8]? {
            try await channel.next()
        }
    }

    /// Starts the export.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(query, format, readers) }
}

/// Writes rows in a format, piece by piece.
private struct ExportWriter {
    private let format: ExportFormat
    private let channel: ByteChannel
    private static let columns = [
        "pipeline", "batch", "stage", "version", "item", "model", "model_version", "label", "score", "recorded_at",
        "output", "fields",
    ]

    init(_ format: ExportFormat, _ channel: ByteChannel) {
        self.format = format
        self.channel = channel
    }

    func write(_ query: PredictionsQuery, _ reader: Reader) throws(Fault) {
        var out: [UInt8] = []
        if format == .csv { out += Self.columns.joined(separator: ",").utf8 + CSVWriter.endOfRow }
        try reader.snapshot { () throws(Fault) in
            try PredictionSearch(query, reader).forEachPage { (rows) throws(Fault) in
                for row in rows {
                    write(row, to: &out)
                    if out.count >= 1 << 16 { try put(&out) }
                }
                try put(&out)
            }
        }
        if !out.isEmpty { try put(&out) }
    }

    private func put(_ out: inout [UInt8]) throws(Fault) {
        try channel.put(out)
        out.removeAll(keepingCapacity: true)
    }

    private func write(_ row: FoundPrediction, to out: inout [UInt8]) {
        switch format {
        case .jsonLines:
            row.write(to: &out)
            out.append(0x0A)
        case .csv:
            let texts = [
                row.slice.pipeline, row.slice.batch, row.slice.stage, row.version, row.item, row.model,
                row.modelVersion, row.label,
            ]
            for text in texts {
                CSVWriter.write(cell: text ?? "", to: &out)
                out.append(UInt8(ascii: ","))
            }
            JSON(row.score).write(.compact, to: &out, unlessNull: row.score == nil)
            for text in [row.recordedAt, row.output, row.fields] {
                out.append(UInt8(ascii: ","))
                CSVWriter.write(cell: text ?? "", to: &out)
            }
            out += CSVWriter.endOfRow
        }
    }
}

extension JSON {
    fileprivate func write(_ layout: JSONLayout, to out: inout [UInt8], unlessNull isNull: Bool) {
        if !isNull { write(layout, to: &out) }
    }
}

/// Passes pieces from a thread that blocks to a task that does not.
private final class ByteChannel: Sendable {
    private struct State {
        var pieces: [[UInt8]] = []
        var waiting: CheckedContinuation<Void, Never>?
        var isEnded = false
        var failure: Fault?
        var isCancelled = false
    }

    private let state = ConditionLocked(State())
    /// How many pieces may be waiting.
    private static let most = 4

    /// Adds a piece; waits while too many are waiting.
    func put(_ piece: [UInt8]) throws(Fault) {
        let isCancelled = state.wait { state in
            state.isCancelled ? true : state.pieces.count < Self.most ? false : nil
        }
        if isCancelled { throw Interruption.cancelled }
        wake { $0.pieces.append(piece) }
    }

    /// Ends the channel: nothing follows.
    func end(_ failure: Fault?) {
        wake { state in
            state.isEnded = true
            state.failure = failure
        }
    }

    /// Cancels the channel. A later read must not mistake the pieces so far for the whole.
    func cancel() {
        wake { state in
            if !state.isEnded { state.failure = Interruption.cancelled }
            state.isCancelled = true
            state.isEnded = true
        }
    }

    private func wake(_ body: (inout State) -> Void) {
        let waiting = state.change { state in
            body(&state)
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    /// The next piece; `nil` at the end.
    func next() async throws(Fault) -> [UInt8]? {
        while true {
            let (piece, isEnded, failure) = state.change { state in
                let piece = state.pieces.isEmpty ? nil : state.pieces.removeFirst()
                return (piece, state.isEnded, state.failure)
            }
            if let piece { return piece }
            if let failure { throw failure }
            if isEnded { return nil }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isReady = state.change { state in
                        if !state.pieces.isEmpty || state.isEnded { return true }
                        state.waiting = continuation
                        return false
                    }
                    if isReady { continuation.resume() }
                }
            } onCancel: {
                cancel()
            }
        }
    }
}
