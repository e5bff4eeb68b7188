import Glibc

/// Ends the program with a message on standard error.
func end(_ reason: String, code: Int32) -> Never {
    let line = Array("\(reason)\n".utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    exit(code)
}

/// The bytes of a file.
func contents(of path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { end("parser-fuzz: cannot read '\(path)'", code: 66) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&block, 1, block.count, file), count > 0 { bytes += block[..<count] }
    return bytes
}
