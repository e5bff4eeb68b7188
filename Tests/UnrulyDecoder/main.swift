import CleanStage
import Glibc

// A decoder whose behaviour follows from the name of the file it is given: what CleanStageTests need to see a crash, a
// hang or a glutton without putting a switch for it into the product.
DecodeWorker.serve { path, cleaner in
    let name = path.split(separator: "/").last ?? ""
    if name.hasPrefix("crash") { raise(SIGSEGV) }
    if name.hasPrefix("abort") { abort() }
    if name.hasPrefix("exit") { exit(3) }
    if name.hasPrefix("hang") { while true { pause() } }
    if name.hasPrefix("hungry") {
        // Within the limit on memory malloc fails long before 64 GiB, and the write through null ends it.
        for _ in 0..<64 { memset(malloc(1 << 30), 1, 4096) }
    }
    if name.hasPrefix("once") {
        // Falls over at the first sight of the file, not at the second.
        let trace = open(path + ".seen", O_CREAT | O_EXCL | O_WRONLY, 0o600)
        if trace >= 0 { raise(SIGKILL) }
    }
    return cleaner.result(for: path)
}
