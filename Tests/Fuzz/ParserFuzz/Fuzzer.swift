#if FUZZER
    import Glibc
    import ParserTargets

    private typealias Taker = @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32

    // libFuzzer's entry point for programs with their own `main`.
    @_silgen_name("LLVMFuzzerRunDriver")
    private func runDriver(
        _ count: UnsafeMutablePointer<Int32>,
        _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
        _ take: Taker
    ) -> Int32

    // libFuzzer calls from one thread, and only after this was set.
    private nonisolated(unsafe) var chosen = ParserTarget.json

    /// Passes the other arguments to libFuzzer, which returns when its runs or its time are used up.
    func fuzz(_ target: ParserTarget) -> Int32 {
        chosen = target
        let arguments = [CommandLine.arguments[0]] + CommandLine.arguments.dropFirst(2)
        var count = Int32(arguments.count)
        var words = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: arguments.count + 1)
        for (index, text) in arguments.enumerated() { words[index] = strdup(text) }
        words[arguments.count] = nil
        return runDriver(&count, &words) { start, size in
            do {
                _ = try chosen.take(Array(UnsafeBufferPointer(start: start, count: size)))
            } catch {
                fatalError("\(error)")
            }
            return 0
        }
    }
#endif
