/// The tables, in numbered steps. A released step is never changed; a new one is added instead.
package enum Migrations {
    /// The kind of SQL.
    package enum Dialect: Sendable {
        case postgres
        case sqlite
    }

    /// The newest schema this build knows.
    package static let newest = 2

    /// The statements from schema `number - 1` to schema `number`.
    static func statements(to number: Int, _ dialect: Dialect) -> [String] {
        switch number {
        case 1: first.map { spelled($0, dialect) }
        case 2: second.map { spelled($0, dialect) }
        default: []
        }
    }

    /// The table that records the steps taken.
    static func ledger(_ dialect: Dialect) -> String {
        spelled(
            "CREATE TABLE schema_version (version INTEGER NOT NULL PRIMARY KEY, applied_at TIMESTAMP NOT NULL)", dialect
        )
    }

    // ID is text compared as bytes, whatever the database's locale: ids and names.
    private static let first = [
        """
        CREATE TABLE predictions (
            pipeline ID NOT NULL, batch ID NOT NULL, stage ID NOT NULL, version ID NOT NULL, item_id ID NOT NULL,
            model TEXT, model_version TEXT, label TEXT, score DOUBLE, output JSON NOT NULL, fields JSON NOT NULL,
            recorded_at TIMESTAMP, PRIMARY KEY (pipeline, batch, stage, item_id))
        """,
        """
        CREATE TABLE rejections (
            pipeline ID NOT NULL, batch ID NOT NULL, stage ID NOT NULL, version ID NOT NULL, item_id ID NOT NULL,
            reason TEXT NOT NULL, message TEXT NOT NULL)
        """,
        "CREATE INDEX rejections_by_batch ON rejections (pipeline, batch, stage)",
        """
        CREATE TABLE runs (
            pipeline ID NOT NULL, batch ID NOT NULL, stage ID NOT NULL, version ID NOT NULL, fingerprint TEXT,
            items BIGINT, rejected BIGINT, seconds DOUBLE, peak_memory_bytes BIGINT, bytes_in BIGINT, bytes_out BIGINT,
            status TEXT NOT NULL, started_at TIMESTAMP, finished_at TIMESTAMP, summary JSON NOT NULL,
            PRIMARY KEY (pipeline, batch, stage))
        """,
        """
        CREATE TABLE receipts (
            pipeline ID NOT NULL, batch ID NOT NULL, stage ID NOT NULL, version ID NOT NULL, digest TEXT NOT NULL,
            predictions BIGINT NOT NULL, rejections BIGINT NOT NULL, transaction_id BIGINT NOT NULL,
            loaded_at TIMESTAMP NOT NULL, PRIMARY KEY (pipeline, batch, stage))
        """,
        """
        CREATE TABLE alerts (
            id NUMBERED, pipeline ID NOT NULL, batch ID NOT NULL, stage ID, version ID, severity TEXT NOT NULL,
            reason TEXT NOT NULL, message TEXT NOT NULL, detail JSON NOT NULL, raised_at TIMESTAMP NOT NULL,
            acknowledged_at TIMESTAMP)
        """,
        "CREATE INDEX alerts_by_batch ON alerts (pipeline, batch)",
    ]

    // What the dashboard reads instead of counting predictions. The keys start with the columns searched over many
    // batches; a load, which replaces its stages' rows, finds them by the other index.
    private static let second = [
        """
        CREATE TABLE pipelines (
            pipeline ID NOT NULL PRIMARY KEY, description TEXT, due TEXT, timezone TEXT, days_back BIGINT,
            stages JSON NOT NULL, batch ID NOT NULL, updated_at TIMESTAMP NOT NULL)
        """,
        """
        CREATE TABLE label_counts (
            pipeline ID NOT NULL, batch ID NOT NULL, stage ID NOT NULL, version ID NOT NULL, model ID NOT NULL,
            model_version ID NOT NULL, field ID NOT NULL, value ID NOT NULL, label ID NOT NULL, items BIGINT NOT NULL,
            score_sum DOUBLE NOT NULL, score_bins JSON NOT NULL,
            PRIMARY KEY (pipeline, field, batch, stage, value, label, model, model_version))
        """,
        "CREATE INDEX label_counts_by_batch ON label_counts (pipeline, batch, stage)",
        """
        CREATE TABLE quality_counts (
            pipeline ID NOT NULL, batch ID NOT NULL, stage ID NOT NULL, version ID NOT NULL, field ID NOT NULL,
            value ID NOT NULL, figure ID NOT NULL, items BIGINT NOT NULL, sum DOUBLE NOT NULL,
            minimum DOUBLE NOT NULL, maximum DOUBLE NOT NULL,
            PRIMARY KEY (pipeline, field, batch, stage, value, figure))
        """,
        "CREATE INDEX quality_counts_by_batch ON quality_counts (pipeline, batch, stage)",
        // Earlier loads have no counts: without its receipt, the next store of a batch loads it again.
        "DELETE FROM receipts",
    ]

    /// The types' names in a dialect.
    private static func spelled(_ statement: String, _ dialect: Dialect) -> String {
        let words = statement.split(separator: " ", omittingEmptySubsequences: false).map { word in
            let name = word.prefix { $0.isUppercase }
            guard let type = types[String(name)] else { return String(word) }
            return (dialect == .postgres ? type.postgres : type.sqlite) + word.dropFirst(name.count)
        }
        let isStrict = dialect == .sqlite && statement.hasPrefix("CREATE TABLE")
        return words.joined(separator: " ") + (isStrict ? " STRICT" : "")
    }

    private static let types: [String: (postgres: String, sqlite: String)] = [
        "ID": (#"TEXT COLLATE "C""#, "TEXT"), "JSON": ("JSONB", "TEXT"), "DOUBLE": ("DOUBLE PRECISION", "REAL"),
        "BIGINT": ("BIGINT", "INTEGER"), "TIMESTAMP": ("TIMESTAMPTZ", "TEXT"),
        "NUMBERED": ("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "INTEGER PRIMARY KEY"),
    ]
}
