/// The tags that programs put before, between and behind recordings: ID3v1 and v2, APEv2, Lyrics3.
enum Tags {
    /// The offset behind the ID3v2 tags at an offset.
    static func end(ofID3At start: Int, in source: inout ByteSource) throws(SoundFileError) -> Int {
        var at = start
        while true {
            let head = try source.bytes(at: at, 10)
            guard head.has("ID3") else { return at }
            guard head.count == 10 else { throw .truncated("the file ends inside its ID3 tag") }
            // "Synchsafe": seven bits per byte.
            let size = (6..<10).reduce(0) { $0 << 7 | head.big($1, 1) & 0x7F }
            let hasFooter = head.big(5, 1) & 0x10 != 0
            at += 10 + size + (hasFooter ? 10 : 0)
        }
    }

    /// The offset behind everything at an offset that is a tag or zeros.
    static func end(ofTagsAndZerosAt start: Int, in source: inout ByteSource) throws(SoundFileError) -> Int {
        var at = start
        while at < source.count {
            let before = at
            at = try end(ofZerosAt: try end(ofID3At: at, in: &source), in: &source)
            let head = try source.bytes(at: at, 32)
            if head.has("TAG") {
                at += head.has("TAG+") ? 227 : 128
            } else if head.has("APETAGEX"), head.count == 32 {
                let isHeader = head.little(20, 4) & 0x2000_0000 != 0
                at += 32 + (isHeader ? head.little(12, 4) : 0)
            } else if head.has("LYRICSBEGIN") {
                at = try end(ofLyricsAt: at, in: &source)
            }
            if at == before { break }
        }
        return min(at, source.count)
    }

    /// The offset behind zeros.
    static func end(ofZerosAt start: Int, in source: inout ByteSource) throws(SoundFileError) -> Int {
        var at = start
        while case let block = try source.bytes(at: at, 64 << 10), !block.isEmpty {
            if let other = block.firstIndex(where: { $0 != 0 }) { return at + other - block.startIndex }
            at += block.count
        }
        return at
    }

    /// The offset of the tags at the end that can only be read backwards.
    static func start(ofTail source: inout ByteSource) throws(SoundFileError) -> Int {
        var end = source.count
        while true {
            let before = end
            if end >= 128, try source.bytes(at: end - 128, 3).has("TAG") { end -= 128 }
            if end >= 227, try source.bytes(at: end - 227, 4).has("TAG+") { end -= 227 }
            if end >= 32 {
                let footer = try source.bytes(at: end - 32, 32)
                if footer.has("APETAGEX") {
                    let hasHeader = footer.little(20, 4) & 0x8000_0000 != 0
                    end -= min(end, footer.little(12, 4) + (hasHeader ? 32 : 0))
                }
            }
            if end >= 15 {
                // Lyrics3 v2 says its length before its end mark, in six digits, without them.
                let mark = try source.bytes(at: end - 15, 15)
                let digits = String(decoding: mark.prefix(6), as: UTF8.self)
                if mark.has("LYRICS200", at: 6), let size = Int(digits), size + 15 <= end,
                    try source.bytes(at: end - 15 - size, 11).has("LYRICSBEGIN")
                {
                    end -= size + 15
                }
            }
            if end >= 10 {
                let footer = try source.bytes(at: end - 10, 10)
                let size = (6..<10).reduce(0) { $0 << 7 | footer.big($1, 1) & 0x7F }
                if footer.has("3DI"), size + 20 <= end, try source.bytes(at: end - 20 - size, 3).has("ID3") {
                    end -= size + 20
                }
            }
            if end == before { return end }
        }
    }

    /// The offset behind a Lyrics3 block, whose end mark is at most 5,100 bytes away (v1), or unchanged.
    private static func end(ofLyricsAt start: Int, in source: inout ByteSource) throws(SoundFileError) -> Int {
        let text = try source.bytes(at: start, 5100 + 20)
        for index in 0..<max(0, text.count - 8)
        where text.has("LYRICSEND", at: index) || text.has("LYRICS200", at: index) {
            return start + index + 9
        }
        return start
    }
}
