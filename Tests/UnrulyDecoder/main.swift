import CleanStage
import Glibc

/// Writes down what this process is and holds: its number, its environment, the files that it has open.
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

/// Dies at the first sight of a file, not at the second.
func fallOverOnce(_ path: String) {
    if open(path + ".seen", O_CREAT | O_EXCL | O_WRONLY, 0o600) >= 0 { raise(SIGKILL) }
}

// A decoder whose behaviour follows from the name of the file it is given: what CleanStageTests need to see a crash, a
// hang or a glutton without putting a switch for it into the product.
DecodeWorker.serve { path, samplesSent in
    let name = path.split(separator: "/").last ?? ""
    let words = name.split(separator: "-")
    if words.first == "half", words.count > 1, let most = Int(words[1]), samplesSent >= most {
        // half-100000: dies when it has sent so much; half-100000-once: but not the second time.
        if words.last == "once" { fallOverOnce(path) } else { raise(SIGKILL) }
    }
    guard samplesSent == 0 else { return }
    if name.hasPrefix("crash") { raise(SIGSEGV) }
    if name.hasPrefix("abort") { abort() }
    if name.hasPrefix("exit") { exit(3) }
    if name.hasPrefix("hang") { while true { pause() } }
    if name.hasPrefix("hungry") {
        // The limit on memory stops it long before 64 GiB.
        for _ in 0..<64 {
            let block = mmap(nil, 1 << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            if block == MAP_FAILED { abort() }
        }
    }
    if name.hasPrefix("once") { fallOverOnce(path) }
    if name.hasPrefix("report") { report(to: path) }
}
