internal import Glibc
internal import Processes

/// Turns SIGINT, SIGTERM and SIGHUP into a stop at the next item; a second one ends the process at once.
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
        installHangup()
    }

    /// A terminal or a connection that is gone is a reason to stop, like SIGTERM; `nohup` keeps it from being one.
    private static func installHangup() {
        var action = sigaction()
        let ignored = unsafeBitCast(SIG_IGN, to: UInt.self)
        guard sigaction(SIGHUP, nil, &action) == 0,
            unsafeBitCast(action.__sigaction_handler.sa_handler, to: UInt.self) != ignored
        else { return }
        signal(SIGHUP) { _ in
            StopFlag.raise(SIGTERM)
            Glibc.signal(SIGHUP, SIG_DFL)
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
