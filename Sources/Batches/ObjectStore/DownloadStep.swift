internal import Fault
internal import Transfer

extension ObjectDownload {
    /// What is to be done next for an object; whoever does it tells how it ended.
    enum Step {
        /// Ask for a piece as soon as there is room.
        case transfer(piece: Int)
        /// Ask for a piece at a time of the monotonic clock.
        case transferLater(piece: Int, at: Double)
        /// Forget every piece that waits, and cancel those under way. Their ends are still told.
        case withdraw
        /// Do this on another thread.
        case job(@Sendable (StopFlag) -> LocalResult)
        /// Write this on another thread.
        case write(ShortBody)
        /// Have the disk begin with a range of the file.
        case flush(TransferFile, from: Int64, count: Int64)
        /// Done.
        case settle(DownloadOutcome)
        /// The whole run cannot go on.
        case fail(Fault)
    }
}
