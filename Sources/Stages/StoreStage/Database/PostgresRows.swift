internal import Fault
internal import JSON
internal import PostgresClient

/// A connection shared by several owners, used by one at a time; closed when the last releases it.
final class PostgresSession {
    let connection: PostgresConnection

    init(_ address: PostgresAddress, options: PostgresOptions) throws(Fault) {
        connection = try PostgresConnection(address, options: options)
    }

    /// Removes the rows of a batch's stages from tables.
    func remove(_ batch: BatchName, stages: [String], from tables: String...) throws(Fault) {
        for table in tables {
            for stage in stages {
                try connection.execute(
                    "DELETE FROM \(table) WHERE pipeline = $1 AND batch = $2 AND stage = $3",
                    [batch.pipeline, batch.batch, stage])
            }
        }
    }
}

extension CopyRows {
    /// The four columns that most tables begin with.
    mutating func append(_ batch: BatchName, _ stage: String, _ version: String) throws(Fault) {
        try append(batch.pipeline)
        try append(batch.batch)
        try append(stage)
        try append(version)
    }
}

/// The rows of a load on their way into the tables: collected in buffers and sent with COPY, in a transaction that the
/// caller has begun and will commit.
///
/// One COPY stays open for many buffers, so that the server works on one while the next is made. The rows go straight
/// into the final tables: they are invisible until the transaction is committed, and with a staging table the server
/// would write, and log, everything twice (docs/decisions/0014-copy-into-the-tables.md).
final class PostgresRows: RowSink {
    private(set) var counts = StagedCounts()
    private let batch: BatchName
    private let session: PostgresSession
    private var predictions = CopyRows(columns: Columns.predictions.count)
    private var rejections = CopyRows(columns: Columns.rejections.count)
    /// The table of the current COPY.
    private var open: Table?
    private var taken = 0

    private enum Table: String {
        case predictions, rejections

        var columns: [String] { self == .predictions ? Columns.predictions : Columns.rejections }
    }

    /// Small compared with what the system buffers between the processes.
    private static let bufferBytes = 1 << 20

    init(_ batch: BatchName, _ session: PostgresSession) {
        self.batch = batch
        self.session = session
    }

    /// Sends all rows of a load.
    func fill(with fill: (any RowSink) throws(Fault) -> Void) throws(Fault) {
        try fill(self)
        try send(&predictions, to: .predictions)
        try send(&rejections, to: .rejections)
        try endCopy()
        let given = counts.total
        guard taken == given else {
            throw Fault(.defect, "\(given) rows were sent, and the server took \(taken) of them")
        }
    }

    func append(_ row: PredictionRow) throws(Fault) {
        counts.count(row)
        try predictions.append(batch, row.stage, row.version)
        try predictions.append(row.itemID)
        try predictions.append(row.model)
        try predictions.append(row.modelVersion)
        try predictions.append(row.label)
        predictions.append(row.score)
        predictions.append(row.output)
        predictions.append(row.fields)
        predictions.append(microsecondsSince1970: row.recordedAt?.microseconds)
        predictions.endRow()
        if predictions.byteCount >= Self.bufferBytes { try send(&predictions, to: .predictions) }
    }

    func append(_ row: RejectionRow) throws(Fault) {
        counts.count(row)
        try rejections.append(batch, row.stage, row.version)
        try rejections.append(row.itemID)
        try rejections.append(row.reason)
        try rejections.append(row.message)
        rejections.endRow()
        if rejections.byteCount >= Self.bufferBytes { try send(&rejections, to: .rejections) }
    }

    private func send(_ rows: inout CopyRows, to table: Table) throws(Fault) {
        if rows.isEmpty { return }
        if open != table {
            try endCopy()
            try session.connection.beginCopy(into: "\(table) (\(Columns.list(table.columns)))")
            open = table
        }
        try session.connection.continueCopy(rows)
        rows.removeAll()
    }

    private func endCopy() throws(Fault) {
        guard open != nil else { return }
        open = nil
        taken += try session.connection.endCopy()
    }
}
