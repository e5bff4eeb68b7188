internal import Fault
internal import JSON
internal import PostgresClient

extension PostgresSession {
    /// Writes the alerts that are missing, and what has changed in the others; acknowledged ones stay so. The batch's lock
    /// is held, so that no other run writes between the check and the insertion.
    func write(_ batch: BatchName, _ alerts: [AlertRow]) throws(Fault) {
        let mayUpdate = try alerts.isEmpty ? false : mayUpdateAlerts()
        for alert in alerts {
            try connection.execute(
                """
                INSERT INTO alerts (\(Columns.list(Columns.alerts)))
                SELECT $1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9::timestamptz WHERE NOT EXISTS (
                  SELECT 1 FROM alerts WHERE pipeline = $1 AND batch = $2 AND detail->>'id' = $10)
                """,
                [
                    batch.pipeline, batch.batch, alert.stage, alert.version, alert.severity, alert.reason,
                    alert.message, JSON.object(alert.detail).text(.line), alert.raisedAt.text, alert.id,
                ])
            guard mayUpdate else { continue }
            try connection.execute(
                """
                UPDATE alerts SET message = $4, detail = $5::jsonb, severity = $6
                WHERE pipeline = $1 AND batch = $2 AND detail->>'id' = $3
                  AND (message <> $4 OR detail <> $5::jsonb OR severity <> $6)
                """,
                [
                    batch.pipeline, batch.batch, alert.id, alert.message, JSON.object(alert.detail).text(.line),
                    alert.severity,
                ])
        }
    }

    /// A role that may only insert keeps an alert's first words: PostgreSQL would refuse even an update of no rows.
    private func mayUpdateAlerts() throws(Fault) -> Bool {
        let columns = ["message", "severity", "detail"].map { "has_column_privilege('alerts', '\($0)', 'UPDATE')" }
        return try connection.firstRow("SELECT (\(columns.joined(separator: " AND ")))::int") { $0.int(0) } == 1
    }
}
