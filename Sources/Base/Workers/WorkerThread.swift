internal import Glibc

/// A thread that runs one closure.
public final class WorkerThread: Sendable {
    private let thread: pthread_t

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts the thread.
    public init(_ run: @escaping @Sendable () -> Void) {
        let body = Unmanaged.passRetained(Body(run))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, body.toOpaque())
        // The kernel refuses a thread only when the process is out of memory or threads; nothing sensible can follow.
        guard status == 0 else { fatalError("cannot start a thread: \(String(cString: strerror(status)))") }
        self.thread = thread
    }

    /// Waits for the closure to return; call exactly once.
    public func join() { pthread_join(thread, nil) }
}
