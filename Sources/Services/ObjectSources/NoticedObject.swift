/// An object that a store has announced.
public struct NoticedObject: Sendable, Equatable {
    /// The bucket's name.
    package let bucket: String
    /// The bytes of the whole key.
    package let key: [UInt8]
    /// Size in bytes, if given.
    package let size: Int64?
    /// The entity tag without quotes, if given.
    package let etag: String?

    /// Puts together what a notice says of an object.
    package init(bucket: String, key: [UInt8], size: Int64?, etag: String?) {
        self.bucket = bucket
        self.key = key
        self.size = size
        self.etag = etag
    }
}
