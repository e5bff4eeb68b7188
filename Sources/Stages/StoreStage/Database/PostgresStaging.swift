internal import Fault
internal import JSON
internal import PostgresClient

/// A connection that several hands use, one after the other; closed when the last lets go.
final class PostgresSession {
    let connection: PostgresConnection

    init(_ address: PostgresAddress, options: PostgresOptions) throws(Fault) {
        connection = try PostgresConnection(address, options: options)
    }
}

/// The rows of a load on their way: collected in buffers, sent with COPY into temporary tables of the connection.
///
/// Nothing of it outlives the connection, so a crash leaves no trace.
final class PostgresStaging: RowSink {
    private(set) var counts = StagedCounts()
    private let batch: BatchName
    private let session: PostgresSession
    private var predictions = CopyRows()
    private var rejections = CopyRows()

    /// Enough for COPY to run at full speed, little beside everything else.
    private static let bufferBytes = 4 << 20

    init(_ batch: BatchName, _ session: PostgresSession) {
        self.batch = batch
        self.session = session
    }

    /// Makes the temporary tables.
    func open() throws(Fault) {
        try session.connection.runScript(
            """
            CREATE TEMPORARY TABLE staged_predictions (LIKE predictions);
            CREATE TEMPORARY TABLE staged_rejections (LIKE rejections)
            """)
    }

    /// Takes all rows of a load.
    func fill(with fill: (any RowSink) throws(Fault) -> Void) throws(Fault) {
        try fill(self)
        try sendPredictions()
        try sendRejections()
    }

    func append(_ row: PredictionRow) throws(Fault) {
        counts.count(row)
        try predictions.append(batch.pipeline)
        try predictions.append(batch.batch)
        try predictions.append(row.stage)
        try predictions.append(row.version)
        try predictions.append(row.itemID)
        try predictions.append(row.model)
        try predictions.append(row.modelVersion)
        try predictions.append(row.label)
        predictions.append(row.score)
        try predictions.append(row.output)
        try predictions.append(row.fields)
        try predictions.append(row.recordedAt?.text)
        predictions.endRow()
        if predictions.byteCount >= Self.bufferBytes { try sendPredictions() }
    }

    func append(_ row: RejectionRow) throws(Fault) {
        counts.count(row)
        try rejections.append(batch.pipeline)
        try rejections.append(batch.batch)
        try rejections.append(row.stage)
        try rejections.append(row.version)
        try rejections.append(row.itemID)
        try rejections.append(row.reason)
        try rejections.append(row.message)
        rejections.endRow()
        if rejections.byteCount >= Self.bufferBytes { try sendRejections() }
    }

    private func sendPredictions() throws(Fault) {
        if predictions.isEmpty { return }
        try session.connection.copy(
            predictions, with: "COPY staged_predictions (\(Columns.list(Columns.predictions))) FROM STDIN")
        predictions.removeAll()
    }

    private func sendRejections() throws(Fault) {
        if rejections.isEmpty { return }
        try session.connection.copy(
            rejections, with: "COPY staged_rejections (\(Columns.list(Columns.rejections))) FROM STDIN")
        rejections.removeAll()
    }

    /// Puts the staged rows in the place of the stages' old ones; to be called in a transaction.
    func swap(stages: [String]) throws(Fault) {
        for (table, columns) in [("predictions", Columns.predictions), ("rejections", Columns.rejections)] {
            for stage in stages {
                try session.connection.execute(
                    "DELETE FROM \(table) WHERE pipeline = $1 AND batch = $2 AND stage = $3",
                    [batch.pipeline, batch.batch, stage])
            }
            let list = Columns.list(columns)
            try session.connection.execute("INSERT INTO \(table) (\(list)) SELECT \(list) FROM staged_\(table)")
        }
    }
}
