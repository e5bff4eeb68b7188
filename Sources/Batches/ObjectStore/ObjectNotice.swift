internal import JSON
internal import Transfer

/// An object that a store has told of.
public struct NoticedObject: Sendable, Equatable {
    /// The bucket's name.
    package let bucket: String
    /// The whole key's bytes.
    package let key: [UInt8]
    /// Size in bytes, if the notice says.
    package let size: Int64?
    /// The entity tag without quotes, if the notice says.
    package let etag: String?
}

/// What a message of a queue says, in the form of S3's event notifications (bare, or wrapped by SNS).
public enum ObjectNotice: Sendable, Equatable {
    /// Objects were created; none if it tells of something else: a deletion, or the test event of a new subscription.
    case created([NoticedObject])
    /// It is no such notice, for this reason.
    case unreadable(String)

    /// Reads a message's body.
    package init(parsing body: String) {
        guard let message = try? JSON(parsing: Array(body.utf8)).object else {
            self = .unreadable("it is no JSON object")
            return
        }
        if message["Type"]?.string == "Notification", let inner = message["Message"]?.string {
            let wrapped = try? JSON(parsing: Array(inner.utf8)).object
            self = wrapped.map(Self.init) ?? .unreadable("it wraps no JSON object")
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
            // S3 leaves the prefix away in events, MinIO does not.
            guard event.hasPrefix("ObjectCreated:") || event.hasPrefix("s3:ObjectCreated:") else { continue }
            guard let bucket = record["s3"]?["bucket"]?["name"]?.string, let object = record["s3"]?["object"],
                let key = object["key"]?.string.flatMap({ CanonicalURL.decode($0, plusIsSpace: true) }), !key.isEmpty
            else {
                self = .unreadable("a record names no bucket and key")
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
