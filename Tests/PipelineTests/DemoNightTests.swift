import TestKit
import TestTools
import Testing

/// Real recordings, a real model, a directory and SQLite: what `make demo` shows.
@Suite(.tags(.slow)) struct DemoNightTests {
    @Test func `real speech is recognized, and every broken file is refused for its own fault`() throws {
        let place = try DemoNight.workplace()
        let done = try place.program("nocturne", ["nightly", "digits", Workplace.batch]).run()
        #expect(done.code == 0, "\(done)")
        let database = place["data/nocturne.db"]
        let predictions = try Rows.read(database, "SELECT item_id, label FROM predictions")
        let rejections = try Rows.read(database, "SELECT item_id, reason FROM rejections")
        #expect(predictions.count + rejections.count == 122, "every upload is accounted for")
        let (accuracy, strays) = try DemoNight.judge(place, predictions: predictions, rejections: rejections)
        print("accuracy on the demo's real speech: \(accuracy)")
        #expect(accuracy >= 0.9, "of the spoken digits \(accuracy) are heard right")
        #expect(strays.isEmpty, "\(strays)")

        let report = try Python.run(
            Python.demo,
            [
                Checkout.path("pipelines/digits/report.py"), "digits", Workplace.batch,
                "--truth", "data/uploads/\(Workplace.batch).truth.csv",
            ], in: place)
        #expect(report.code == 0, "\(report)")
        #expect(report.out.contains("each for its own reason"), "\(report)")

        let again = try place.program("nocturne", ["nightly", "digits", Workplace.batch]).run()
        #expect(again.code == 0)
        #expect(again.seconds < 15, "a second night does nothing: it took \(again.seconds) s")
        #expect(place.link("data/digits/\(Workplace.batch)/infer/current") == "v1")
        #expect(try place.program("batches", ["verify", "digits"]).run().code == 0)
    }
}
