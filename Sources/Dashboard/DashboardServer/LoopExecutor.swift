internal import NIOCore

/// Runs tasks on an event loop, so that a request is read, answered and written on one thread, without switching.
///
/// Nothing that runs on it may block: queries to the database and the disk have their own threads.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
