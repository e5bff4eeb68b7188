import BatchFormat
import JSON
import TestBatches
import TestKit

/// Keeps scratch folders as long as a test runs.
final class Held {
    private var folders: [ScratchFolder] = []

    func append(_ folder: ScratchFolder) { folders.append(folder) }
}

/// Writes seals that are valid in form but have other contents.
enum Resealing {
    static func reseal(_ path: String, _ change: (inout JSONObject) -> Void) throws {
        let object = try SealedJSON.read(path).object
        var body = object
        body["run"] = nil
        change(&body)
        try Damaging.overwrite(path, with: SealedJSON(body, run: object["run"]?.object ?? [:]).bytes())
    }
}
