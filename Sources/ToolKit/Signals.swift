internal import Glibc
internal import StageRun

/// Turns SIGINT and SIGTERM into a stop at the next item; a second one ends the process at once.
enum Signals {
    static func install() {
        // Writing to a closed pipe must come back as an error, not as a silent death.
        signal(SIGPIPE, SIG_IGN)
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                StopFlag.raise(number)
                Glibc.signal(number, SIG_DFL)
            }
        }
    }
}
