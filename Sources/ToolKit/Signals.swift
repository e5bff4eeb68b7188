internal import Glibc
internal import Processes

/// Turns SIGINT and SIGTERM into a stop at the next item; a second one ends the process at once.
enum Signals {
    static func install() {
        // A reader that goes away must not end a run early: the write fails, and `endByClosedPipe` ends the process.
        signal(SIGPIPE, SIG_IGN)
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                StopFlag.raise(number)
                Glibc.signal(number, SIG_DFL)
            }
        }
    }

    /// Ends the process, without a word, as every Unix tool ends whose output is no longer read: by SIGPIPE, which a
    /// shell reports as 141.
    static func endByClosedPipe() -> Never {
        signal(SIGPIPE, SIG_DFL)
        raise(SIGPIPE)
        exit(128 + SIGPIPE)
    }
}
