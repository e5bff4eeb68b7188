import CleanStage
import Glibc

/// Records what this process is and has: its number, its environment, its open files.
func report(to path: String) {
    func write(_ text: String, _ what: String) {
        guard let file = fopen("\(path).\(what)", "w") else { return }
        fputs(text, file)
        fclose(file)
    }
    write("\(getpid())", "pid")
    var variables = ""
    var variable = environ
    while let text = variable.pointee {
        variables += String(cString: text) + "\n"
        variable += 1
    }
    write(variables, "environ")
    var files = ""
    for descriptor in 0..<256 {
        var target = [CChar](repeating: 0, count: 4096)
        if readlink("/proc/self/fd/\(descriptor)", &target, target.count - 1) > 0 {
            files += target.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" } + "\n"
        }
    }
    write(files, "files")
}

/// Dies on the first encounter with a file, but not on the second.
func fallOverOnce(_ path: String) {
    if open(path + ".seen", O_CREAT | O_EXCL | O_WRONLY, 0o600) >= 0 { raise(SIGKILL) }
}

// A decoder that behaves according to the name of its file, so that CleanStageTests can cause a crash, a hang or
// excessive memory use without a switch for it in the product.
DecodeWorker.serve { path, samplesSent in
    let name = path.split(separator: "/").last ?? ""
    let words = name.split(separator: "-")
    if words.first == "half", words.count > 1, let most = Int(words[1]), samplesSent >= most {
        // half-100000: dies after sending that many; half-100000-once: but not the second time.
        if words.last == "once" { fallOverOnce(path) } else { raise(SIGKILL) }
    }
    guard samplesSent == 0 else { return }
    if name.hasPrefix("crash") { raise(SIGSEGV) }
    if name.hasPrefix("abort") { abort() }
    if name.hasPrefix("exit") { exit(3) }
    if name.hasPrefix("hang") { while true { pause() } }
    if name.hasPrefix("hungry") {
        // The memory limit stops it long before 64 GiB.
        for _ in 0..<64 {
            let block = mmap(nil, 1 << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            if block == MAP_FAILED { abort() }
        }
    }
    if name.hasPrefix("once") { fallOverOnce(path) }
    if name.hasPrefix("report") { report(to: path) }
}
