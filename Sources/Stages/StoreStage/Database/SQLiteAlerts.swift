internal import GRDB

extension SQLiteStaging {
    /// Writes the alerts that are missing, and what has changed in the others; acknowledged ones stay so.
    static func write(_ batch: BatchName, _ alerts: [AlertRow], _ database: Database) throws {
        for alert in alerts {
            try database.execute(
                sql: """
                    INSERT INTO alerts (\(Columns.list(Columns.alerts)))
                    SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (
                      SELECT 1 FROM alerts WHERE pipeline = ? AND batch = ? AND json_extract(detail, '$.id') = ?)
                    """,
                arguments: [
                    batch.pipeline, batch.batch, alert.stage, alert.version, alert.severity, alert.reason,
                    alert.message, text(alert.detail), alert.raisedAt.text, batch.pipeline, batch.batch, alert.id,
                ])
            try database.execute(
                sql: """
                    UPDATE alerts SET message = ?, detail = ?, severity = ?
                    WHERE pipeline = ? AND batch = ? AND json_extract(detail, '$.id') = ?
                      AND (message <> ? OR detail <> ? OR severity <> ?)
                    """,
                arguments: [
                    alert.message, text(alert.detail), alert.severity, batch.pipeline, batch.batch, alert.id,
                    alert.message, text(alert.detail), alert.severity,
                ])
        }
    }
}
