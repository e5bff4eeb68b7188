import JSON
import TestServers
import TestTools
import Testing

/// Results as files.
@Suite struct ExportTests {
    @Test(arguments: Backend.allCases) func `JSON Lines hold every row`(_ backend: Backend) throws {
        let dashboard = try Dashboard(backend)
        let listed = try dashboard.json("/api/v1/predictions?sort=item")["predictions"]?.array ?? []
        let answer = try dashboard.ask("/api/v1/predictions.jsonl")
        #expect(answer.headers["content-type"] == "application/jsonl")
        #expect(answer.headers["content-disposition"] == "attachment; filename=\"predictions.jsonl\"")
        let lines = try answer.text.split(separator: "\n").map { try JSON(parsing: Array($0.utf8)) }
        #expect(lines == listed && !lines.isEmpty)
    }

    @Test(arguments: Backend.allCases) func `CSV has a header and a row for each`(_ backend: Backend) throws {
        let dashboard = try Dashboard(backend)
        let listed = try dashboard.json("/api/v1/predictions?sort=item")["predictions"]?.array ?? []
        let answer = try dashboard.ask("/api/v1/predictions.csv")
        #expect(answer.headers["content-type"] == "text/csv; charset=utf-8")
        let lines = answer.text.split(separator: "\r\n")
        #expect(lines.count == listed.count + 1)
        #expect(lines.first?.hasPrefix("pipeline,batch,stage,") == true, "\(lines.first ?? "")")
        for (line, row) in zip(lines.dropFirst(), listed) {
            #expect(line.contains(try #require(row["item"]?.string)))
        }
    }

    @Test func `an export has one order, and says so`() throws {
        let answer = try Dashboard(.sqlite).ask("/api/v1/predictions.csv?sort=-score")
        #expect(answer.status == 400 && answer.text.contains("there is no parameter 'sort' here"), "\(answer)")
    }

    @Test func `nothing is exported once the audit log is gone`() throws {
        let dashboard = try Dashboard(.sqlite)
        #expect(try dashboard.ask("/api/v1/predictions.csv").status == 200)
        try dashboard.place.remove("audit.jsonl")
        #expect(try dashboard.ask("/api/v1/predictions.csv").status == 503)
    }

    @Test func `each export is audited, and a refused one is not`() throws {
        let dashboard = try Dashboard(.sqlite)
        #expect(try dashboard.ask("/api/v1/predictions.csv?label=three").status == 200)
        #expect(try dashboard.ask("/api/v1/predictions.csv?colour=red").status == 400)
        let lines = try dashboard.audit()
        #expect(lines.map { $0["target"]?.string } == ["/api/v1/predictions.csv?label=three"])
        #expect(lines.first?["action"]?.string == "export" && lines.first?["role"]?.string == "engineer")
    }
}
