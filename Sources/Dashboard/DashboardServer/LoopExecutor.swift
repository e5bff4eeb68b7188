internal import NIOCore

/// Runs tasks on an event loop, so that a request is read, answered and written on one thread, without a switch between.
///
/// Nothing that runs on it may block: questions to the database and to the disk have threads of their own.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
