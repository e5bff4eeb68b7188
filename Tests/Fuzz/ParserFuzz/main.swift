import Glibc
import ParserTargets

// parser-fuzz TARGET FILE…   passes each file to a parser, as libFuzzer does with generated input. Built by
// pipelines/tools/faults.sh with NOCTURNE_FUZZER set, it is libFuzzer: parser-fuzz TARGET -runs=… CORPUS…

let names = ParserTarget.allCases.map(\.rawValue).joined(separator: " | ")
guard CommandLine.arguments.count > 2, let target = ParserTarget(rawValue: CommandLine.arguments[1]) else {
    end("usage: parser-fuzz \(names) FILE…", code: 64)
}

#if FUZZER
    exit(fuzz(target))
#else
    for path in CommandLine.arguments.dropFirst(2) {
        print("\(path): \(try target.take(contents(of: path)) ? "taken" : "refused")")
    }
#endif
