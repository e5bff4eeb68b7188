import Foundation
import JSON
import TestServers
import Testing
import ToolSupport

/// What Grafana is given: every query of the dashboard answers on a real PostgreSQL.
@Suite struct GrafanaTests {
    private static let folder = Binaries.checkout + "/pipelines/grafana"

    @Test func everyPanelFindsRowsOfARealNight() throws {
        let place = try Workplace()
        let server = try PostgresServer.running()
        let database = try server.makeDatabase()
        let night = try place.program(
            "nocturne", ["nightly", "small", Workplace.batch],
            environment: ["NOCTURNE_DATABASE_URL": server.url(database)]
        ).run()
        #expect(night.code == 0, "\(night)")
        _ = try server.psql("\\i \(Self.folder)/views.sql", in: database)
        _ = try server.psql(
            """
            INSERT INTO alerts (pipeline, batch, severity, reason, message, detail, raised_at)
            VALUES ('small', '\(Workplace.batch)', 'critical', 'night_late', 'late', '{}', '2026-11-21T06:05:00Z')
            """, in: database)

        let dashboard = try JSON(
            parsing: [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(Self.folder)/dashboards/nocturne.json"))))
        let panels = try #require(dashboard["panels"]?.array)
        #expect(panels.count == 12)
        for panel in panels {
            let title = try #require(panel["title"]?.string)
            for target in try #require(panel["targets"]?.array) {
                let rows = try server.psql(Self.asGrafanaSends(#require(target["rawSql"]?.string)), in: database)
                #expect(!rows.isEmpty, "\(title)")
            }
        }
        for variable in try #require(dashboard["templating"]?["list"]?.array) {
            #expect(try server.psql(#require(variable["query"]?.string), in: database) == "small")
        }
    }

    /// A query with Grafana's variables and macros filled in.
    private static func asGrafanaSends(_ query: String) -> String {
        query.replacingOccurrences(of: "$pipeline", with: "'small'").replacingOccurrences(
            of: "$__timeFilter(\"time\")", with: "\"time\" BETWEEN '2026-11-01T00:00:00Z' AND '2026-12-01T00:00:00Z'")
    }
}
