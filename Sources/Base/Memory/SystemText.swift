internal import Glibc

/// Reads the kernel's small text files, or those a test puts in their place.
struct SystemText {
    /// Prefix of every path: empty, or a test's folder.
    let root: String

    /// A file's text, at most 64 KiB of it; `nil` if it cannot be read.
    func text(_ path: String) -> String? {
        let descriptor = open(root + path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 65536)
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { room in
                room.baseAddress.map { read(descriptor, $0 + filled, room.count - filled) } ?? 0
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            filled += count
        }
        return String(decoding: bytes.prefix(filled), as: UTF8.self)
    }

    /// The number in a file; `nil` for `max` and anything else that is not a number.
    func number(_ path: String) -> Int? {
        text(path).flatMap { Int($0.filter { !$0.isWhitespace }) }
    }

    /// The lines `Name: 123 kB` of /proc/meminfo and /proc/self/status, in bytes by name.
    func kilobytes(_ path: String) -> [String: Int] {
        var found: [String: Int] = [:]
        for line in (text(path) ?? "").split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == ":" || $0 == " " || $0 == "\t" })
            if words.count >= 3, words[2] == "kB", let number = Int(words[1]) { found[String(words[0])] = number << 10 }
        }
        return found
    }

    /// The lines `name 123` of a control group's memory.stat.
    func counters(_ path: String) -> [String: Int] {
        var found: [String: Int] = [:]
        for line in (text(path) ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, let number = Int(words[1]) { found[String(words[0])] = number }
        }
        return found
    }
}
