import JSON
import TestServers
import TestTools
import Testing

/// A real night as seen through the API, from either database.
@Suite struct AnswerTests {
    @Test(arguments: Backend.allCases) func `the night is served`(_ backend: Backend) throws {
        let dashboard = try Dashboard(backend)
        let me = try dashboard.json("/api/v1/me")
        #expect(me["role"]?.string == "engineer" && me["root"]?.bool == true && me["audio"]?.bool == true)
        #expect(me["database"]?.string == (backend == .sqlite ? "sqlite" : "postgresql"))

        let pipelines = try dashboard.json("/api/v1/pipelines")["pipelines"]?.array ?? []
        #expect(pipelines.map { $0["pipeline"]?.string } == ["small"])
        #expect(pipelines.first?["shown"]?["batch"]?.string == Workplace.batch)

        let batch = try dashboard.json("/api/v1/batches/small/\(Workplace.batch)")
        #expect(batch["state"]?.string == "sealed", "\(batch)")
        let stages = (batch["stages"]?.array ?? []).map { $0["stage"]?.string }
        #expect(stages.contains("infer"), "\(stages)")
        let batches = try dashboard.json("/api/v1/batches?pipeline=small")["batches"]?.array ?? []
        #expect(batches.map { $0["batch"]?.string } == [Workplace.batch])
    }

    @Test(arguments: Backend.allCases) func `predictions are those of the ledger`(_ backend: Backend) throws {
        let dashboard = try Dashboard(backend)
        let answer = try dashboard.json("/api/v1/predictions?pipeline=small&sort=item")
        let rows = answer["predictions"]?.array ?? []
        let ledger = try dashboard.place.ledger("infer/v1")
        #expect(rows.map { $0["item"]?.string } == ledger.map { $0["id"]?.string })
        #expect(rows.map { $0["label"]?.string } == ledger.map { $0["infer"]?["label"]?.string })
        #expect(answer["next"] == .null)
    }

    @Test(arguments: Backend.allCases) func `pages follow one another`(_ backend: Backend) throws {
        let dashboard = try Dashboard(backend)
        let all = try dashboard.json("/api/v1/predictions?sort=-score")["predictions"]?.array ?? []
        var (found, cursor): ([JSON], String?) = ([], "")
        while let at = cursor {
            let page = try dashboard.json(
                "/api/v1/predictions?sort=-score&limit=3" + (at.isEmpty ? "" : "&cursor=\(at)"))
            found += page["predictions"]?.array ?? []
            cursor = page["next"]?.string
            try #require(found.count <= all.count, "the pages do not end")
        }
        #expect(found == all && all.count > 3)
    }

    @Test func `filters narrow the answer`() throws {
        let dashboard = try Dashboard(.sqlite)
        let all = try dashboard.json("/api/v1/predictions")["predictions"]?.array ?? []
        let first = try #require(all.first?["item"]?.string)
        let byText = try dashboard.json("/api/v1/predictions?q=\(first.replacing("/", with: "%2F"))")
        #expect(byText["predictions"]?.array?.map { $0["item"]?.string } == [first])
        #expect(try dashboard.json("/api/v1/predictions?min_score=2")["predictions"] == [])
        #expect(try dashboard.json("/api/v1/predictions?field.device=absent")["predictions"] == [])
        #expect(try dashboard.json("/api/v1/predictions?from=2027")["predictions"] == [])
    }

    @Test(arguments: [
        ("/api/v1/predictions?limit=0", "limit"), ("/api/v1/predictions?limit=ten", "limit"),
        ("/api/v1/predictions?colour=red", "colour"), ("/api/v1/predictions?sort=loudness", "sort"),
        ("/api/v1/predictions?limit=1&limit=2", "twice"), ("/api/v1/predictions?min_score=nan", "number"),
        ("/api/v1/predictions?q=%00", "U+0000"), ("/api/v1/predictions?q=%ff", "UTF-8"),
        ("/api/v1/predictions?q=%4", "percent"), ("/api/v1/batches?pipeline=a%2Fb", "pipeline"),
        ("/api/v1/item?pipeline=small&batch=b", "id"), ("/api/v1/me?x=1", "none"),
    ])
    func `a senseless query is refused with a message`(_ target: String, _ word: String) throws {
        let answer = try Dashboard(.sqlite).ask(target)
        #expect(answer.status == 400, "\(answer)")
        #expect(answer.headers["content-type"] == "application/problem+json")
        #expect(try answer.json()["detail"]?.string?.contains(word) == true, "\(answer)")
    }

    @Test func `what is missing is 404, and what cannot be done 405`() throws {
        let dashboard = try Dashboard(.sqlite)
        for target in ["/api/v1/nothing", "/api", "/api/v1/batches/small/2001-01-01", "/vendor/"] {
            #expect(try dashboard.ask(target).status == 404, "\(target)")
        }
        for method in ["POST", "PUT", "DELETE", "TRACE"] {
            let answer = try dashboard.ask("/api/v1/pipelines", method: method)
            #expect(answer.status == 405 && answer.headers["allow"] == "GET, HEAD", "\(method): \(answer)")
        }
        #expect(try dashboard.ask("/login").status == 405)
    }

    @Test func `a client that has the answer is not sent it again`() throws {
        let dashboard = try Dashboard(.sqlite)
        for target in ["/api/v1/predictions", "/api/v1/me", "/", "/openapi.json"] {
            let tag = try #require(try dashboard.ask(target).headers["etag"], "\(target)")
            let again = try dashboard.ask(target, headers: ["If-None-Match: \(tag)"])
            #expect(again.status == 304 && again.body.isEmpty, "\(target): \(again)")
            #expect(try dashboard.ask(target, headers: ["If-None-Match: \"other\""]).status == 200)
        }
        // A new version in the database invalidates the old tag.
        let tag = try #require(try dashboard.ask("/api/v1/predictions").headers["etag"])
        let wire = try dashboard.listen()
        try dashboard.place.succeed("store", "--force")
        try #require(wire.read(through: "event: results\n") != nil)
        #expect(try dashboard.ask("/api/v1/predictions", headers: ["If-None-Match: \(tag)"]).status == 200)
    }

    @Test func `HEAD is answered without a body`() throws {
        let dashboard = try Dashboard(.sqlite)
        let answer = try dashboard.ask("/api/v1/predictions", method: "HEAD")
        #expect(answer.status == 200 && (Int(answer.headers["content-length"] ?? "") ?? 0) > 0)
        #expect(try dashboard.ask("/api/v1/events", method: "HEAD").status == 405)
    }

    @Test func `health, readiness and metrics are served`() throws {
        let dashboard = try Dashboard(.sqlite)
        #expect(try dashboard.json("/healthz")["status"]?.string == "ok")
        #expect(try dashboard.json("/readyz")["status"]?.string == "ok")
        _ = try dashboard.ask("/api/v1/pipelines")
        let metrics = try dashboard.ask("/metrics").text
        #expect(
            metrics.contains("nocturne_dashboard_requests_total{endpoint=\"/api/v1/pipelines\",status=\"200\"} 1\n"))
        #expect(metrics.contains("nocturne_dashboard_database_up 1\n"))
    }
}
