package import Fault
internal import Foundation
internal import GRDB
internal import JSON
internal import PostgresClient
package import StoreStage
internal import TestKit
package import TestServers

/// An empty database of either kind, with a second connection that bypasses the code under test.
package final class TestDatabase: Sendable {
    package let url: String
    private let backend: Backend
    private let scratch: ScratchFolder

    package init(_ backend: Backend) throws {
        self.backend = backend
        scratch = try ScratchFolder()
        switch backend {
        case .sqlite: url = "sqlite:\(scratch["nocturne.db"])"
        case .postgres:
            let server = try PostgresServer.running()
            url = server.url(try server.makeDatabase())
        }
    }

    /// Opens it as the stage does.
    package func open() throws -> any ResultDatabase {
        try DatabaseAddress.open(url, application: "tests") {}
    }

    /// Opens it with the tables in it.
    package func migrated() throws -> any ResultDatabase {
        let database = try open()
        try database.migrate()
        return database
    }

    /// The rows of a query, every value as text.
    package func query(_ sql: String) throws -> [[String?]] {
        switch backend {
        case .sqlite:
            let queue = try DatabaseQueue(path: String(url.dropFirst("sqlite:".count)))
            return try queue.read { database in
                try Row.fetchAll(database, sql: sql).map { row in
                    row.databaseValues.map {
                        $0.isNull ? nil : String.fromDatabaseValue($0) ?? "\($0.storage.value ?? "")"
                    }
                }
            }
        case .postgres:
            var rows: [[String?]] = []
            try PostgresConnection(PostgresAddress(url)).forEachRow(sql) { row in
                rows.append((0..<row.count).map { row.text($0) })
            }
            return rows
        }
    }

    /// Changes the database without the stage.
    package func execute(_ sql: String) throws {
        switch backend {
        case .sqlite:
            let queue = try DatabaseQueue(path: String(url.dropFirst("sqlite:".count)))
            try queue.write { try $0.execute(sql: sql) }
        case .postgres: try PostgresConnection(PostgresAddress(url)).runScript(sql)
        }
    }
}

extension ResultDatabase {
    /// Loads rows as one version of a stage.
    @discardableResult
    package func load(
        _ batch: BatchName, _ stage: StageVersion, predictions: [PredictionRow] = [], rejections: [RejectionRow] = [],
        runs: [RunRow] = []
    ) throws(Fault) -> [LoadReceipt] {
        try load(batch, stages: [stage]) { (sink) throws(Fault) in
            for row in predictions { try sink.append(row) }
            for row in rejections { try sink.append(row) }
        } figures: { (_) throws(Fault) in
            LoadFigures(runs: runs)
        }
    }
}

package let night = BatchName(pipeline: "digits", batch: "2026-11-20")

package func version(_ name: String, of stage: String = "infer", digest: String? = nil) -> StageVersion {
    StageVersion(stage: stage, version: name, digest: digest ?? "digest of \(stage) \(name)")
}

package func prediction(_ id: String, _ version: String = "v1", stage: String = "infer", label: String? = "three")
    -> PredictionRow
{
    PredictionRow(
        stage: stage, version: version, itemID: id, model: "digits", modelVersion: "3", label: label, score: 0.97,
        output: ["label": label.map { .string($0) } ?? .null, "score": 0.97], fields: ["device": "d7"],
        recordedAt: Timestamp("2026-11-19T22:04:11Z"))
}

package func rejection(_ id: String, _ version: String = "v1", stage: String = "infer") -> RejectionRow {
    RejectionRow(stage: stage, version: version, itemID: id, reason: "truncated", message: "cut short")
}
