internal import Digests
internal import Transfer

/// The name of a key's file under `objects/`: one component of at most 255 ASCII bytes without a leading dot, different
/// for different keys even where the file system ignores case or normalises Unicode.
///
/// `device-07/rec-00012.wav` becomes `device-07,rec-00012.wav`. The folder is flat, because a store may contain both
/// `a` and `a/b`, which a folder cannot. Bytes that do not survive shells, archives and other file systems are written
/// `%xx`; a key with upper-case letters, or too long a key, gets part of its digest before the extension.
public func objectFileName(for key: String) -> String {
    var name: [UInt8] = []
    var needsDigest = false
    for byte in key.utf8 {
        switch byte {
        case UInt8(ascii: "/"): name.append(UInt8(ascii: ","))
        // `~` introduces the digest, so it must not come from the key; `.` must not hide a file.
        case UInt8(ascii: "~"): name.append(lowerPercentEncoding: byte)
        case UInt8(ascii: ".") where name.isEmpty: name.append(lowerPercentEncoding: byte)
        case UInt8(ascii: "+"), UInt8(ascii: "="), UInt8(ascii: "@"): name.append(byte)
        case _ where byte.isUnreserved:
            name.append(byte)
            if (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) { needsDigest = true }
        default: name.append(lowerPercentEncoding: byte)
        }
    }
    guard needsDigest || name.count > ObjectFileName.longest else { return String(decoding: name, as: UTF8.self) }
    return ObjectFileName.marked(name, digest: Digest(of: Array(key.utf8)).hex)
}

private enum ObjectFileName {
    static let longest = 255
    static let digestDigits = 20
    static let longestExtension = 16

    /// `stem~digest.extension`, with the stem shortened if necessary.
    static func marked(_ name: [UInt8], digest: String) -> String {
        let dot = name.lastIndex(of: UInt8(ascii: ".")) ?? name.endIndex
        let hasExtension = dot > 0 && name.count - dot <= longestExtension && !name[dot...].contains(UInt8(ascii: ","))
        let end = hasExtension ? dot : name.endIndex
        let mark = "~" + digest.prefix(digestDigits)
        let room = longest - mark.utf8.count - (name.endIndex - end)
        return String(decoding: name[..<end].prefix(room), as: UTF8.self) + mark
            + String(decoding: name[end...], as: UTF8.self)
    }
}

extension [UInt8] {
    fileprivate mutating func append(lowerPercentEncoding byte: UInt8) {
        append(UInt8(ascii: "%"))
        append(contentsOf: [byte].hex.utf8)
    }
}
