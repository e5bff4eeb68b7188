internal import Fault
internal import Transfer

extension ObjectDownload {
    /// The next step for an object; its executor reports how it ended.
    enum Step {
        /// Request a piece as soon as possible.
        case transfer(piece: Int)
        /// Request a piece at a time of the monotonic clock.
        case transferLater(piece: Int, at: Double)
        /// Drop all waiting pieces and cancel running ones. Their ends are still reported.
        case withdraw
        /// Run this on another thread.
        case job(@Sendable (Cancellation) -> LocalResult)
        /// Write this on another thread.
        case write(ShortBody)
        /// Start writing a range of the file to disk.
        case flush(TransferFile, from: Int64, count: Int64)
        /// Finish with this outcome.
        case settle(DownloadOutcome)
        /// Stop the whole run.
        case fail(Fault)
    }
}
