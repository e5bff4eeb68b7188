public import Fault

/// How exported rows are written.
public enum ExportFormat: String, Sendable, CaseIterable {
    /// Comma-separated values (RFC 4180), with a header; a cell that a spreadsheet would take for a formula is quoted by `'`.
    case csv
    /// One JSON object per line.
    case jsonLines = "jsonl"
}

/// An export on its way: pieces of some 64 KiB, made no faster than they are taken.
public struct ExportedBytes: AsyncSequence, Sendable {
    init(_ query: PredictionsQuery, _ format: ExportFormat, _ readers: ReaderPool) {}

    /// Takes the pieces.
    public struct AsyncIterator: AsyncIteratorProtocol {
        /// The next piece; `nil` at the end. Throws ``Fault`` as ``ResultsDatabase/body(of:)`` does.
        public mutating func next() async throws(Fault) -> [UInt8]? { nil }
        /// The next piece.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(Fault) -> [UInt8]? { nil }
    }

    /// Begins; the work starts when the first piece is asked for.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator() }
}
