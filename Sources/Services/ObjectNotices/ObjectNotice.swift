internal import JSON
public import ObjectSources
internal import Transfer

/// The content of a queue's message, in the format of S3's event notifications (bare, or wrapped by SNS).
public enum ObjectNotice: Sendable, Equatable {
    /// Objects were created; empty for other events, such as a deletion or the test event of a new subscription.
    case created([NoticedObject])
    /// It is not such a notice, for this reason.
    case unreadable(String)

    /// Parses a message's body.
    package init(parsing body: String) {
        guard let message = try? JSON(parsing: Array(body.utf8)).object else {
            self = .unreadable("it is not a JSON object")
            return
        }
        if message["Type"]?.string == "Notification", let inner = message["Message"]?.string {
            let wrapped = try? JSON(parsing: Array(inner.utf8)).object
            self = wrapped.map(Self.init) ?? .unreadable("it does not wrap a JSON object")
        } else {
            self.init(message)
        }
    }

    private init(_ message: JSONObject) {
        if message["Event"]?.string == "s3:TestEvent" {
            self = .created([])
            return
        }
        guard let records = message["Records"]?.array else {
            self = .unreadable("it has no Records")
            return
        }
        var objects: [NoticedObject] = []
        for record in records {
            guard let event = record["eventName"]?.string else {
                self = .unreadable("a record has no eventName")
                return
            }
            // S3 omits the prefix in events, MinIO does not.
            guard event.hasPrefix("ObjectCreated:") || event.hasPrefix("s3:ObjectCreated:") else { continue }
            guard let bucket = record["s3"]?["bucket"]?["name"]?.string, let object = record["s3"]?["object"],
                let key = object["key"]?.string.flatMap({ CanonicalURL.decode($0, plusIsSpace: true) }), !key.isEmpty
            else {
                self = .unreadable("a record has no bucket and key")
                return
            }
            objects.append(
                NoticedObject(
                    bucket: bucket, key: key, size: object["size"]?.int.map(Int64.init),
                    etag: object["eTag"]?.string.map(unquotedTag)))
        }
        self = .created(objects)
    }
}
