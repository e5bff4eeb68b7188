/// A list of C strings, the form in which libpq takes names, values and parameters; `nil` stands for SQL's NULL.
struct CStringList {
    private let bytes: [CChar]
    private let starts: [Int?]

    /// Lays the strings out one after the other. They must not contain NUL.
    init(_ texts: [String?]) {
        var bytes: [CChar] = []
        var starts: [Int?] = []
        for text in texts {
            guard let text else {
                starts.append(nil)
                continue
            }
            starts.append(bytes.count)
            for byte in text.utf8 { bytes.append(CChar(bitPattern: byte)) }
            bytes.append(0)
        }
        self.bytes = bytes
        self.starts = starts
    }

    /// Calls `body` with the pointers, followed by a null pointer.
    func withPointers<Value>(_ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value) -> Value {
        bytes.withUnsafeBufferPointer { bytes in
            let pointers: [UnsafePointer<CChar>?] =
                starts.map { start in start.flatMap { start in bytes.baseAddress.map { $0 + start } } } + [nil]
            // An array's buffer lives for the whole call, and is never empty here.
            return pointers.withUnsafeBufferPointer { list in
                withUnsafePointer(to: nil as UnsafePointer<CChar>?) { empty in body(list.baseAddress ?? empty) }
            }
        }
    }
}
