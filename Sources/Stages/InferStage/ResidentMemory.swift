internal import Durable
internal import Fault
internal import Glibc

/// The process's resident memory, as the kernel counts it.
enum ResidentMemory {
    /// Bytes in use now; 0 where the kernel does not say.
    static func bytes() -> Int {
        // proc(5): the second number of statm is resident pages.
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let numbers = text.split(separator: " ").map { Int($0) ?? 0 }
        return numbers.count > 1 ? numbers[1] * sysconf(Int32(_SC_PAGESIZE)) : 0
    }
}
